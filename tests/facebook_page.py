"""A Facebook page of our making."""

from meta_replay import MetaReplay, Thing, stamp

PAGE = "100200300"


def said(text: str, hours_ago: float, user: str = "555") -> Thing:
    """Return a comment."""
    return {
        "message": text,
        "created_time": stamp(hours_ago),
        "from": {"id": user, "name": "Ibu Sari"},
        "permalink_url": f"https://www.facebook.com/{PAGE}/posts/1/",
        "like_count": 3,
        "comment_count": 0,
    }


def post(text: str | None, hours_ago: float, user: str = PAGE) -> Thing:
    """Return a post on the page."""
    counts = {"reactions": {"data": [], "summary": {"total_count": 12}}, "shares": {"count": 4}}
    return {**said(text or "", hours_ago, user), **counts}


def page() -> MetaReplay:
    """Return a page with five posts, of which a visitor wrote one, with comments, answers and two recommendations."""
    things: dict[str, Thing] = {PAGE: {"name": "Kopi Senja"}}
    lists: dict[str, list[str]] = {f"{PAGE}/feed": [], f"{PAGE}/ratings": ["r1", "r2"]}
    for number in range(5):
        one = f"{PAGE}_{number}"
        things[one] = post(f"Kabar ke-{number}", number * 24, "777" if number == 2 else PAGE)
        lists[f"{PAGE}/feed"].append(one)
        ids = [f"{number}_{place}" for place in range(number * 14)]
        things |= {key: said(f"Antrenya lama, {key}", number * 24 - place / 9) for place, key in enumerate(ids)}
        lists |= {f"{key}/comments": [] for key in ids} | {f"{one}/comments": ids[::-1]}
    things["2_900"] = said("Maaf, Bu. Kami perbaiki.", 1, PAGE)
    things["2_901"] = said("Ditunggu.", 0.5, "888")
    things["2_902"] = said("Terima kasih sudah mampir!", 1, PAGE)
    lists["2_3/comments"] = ["2_900", "2_901", *(f"2_{number}" for number in range(910, 940))]
    things |= {f"2_{number}": said(f"Sama, {number}", 0.4, str(number)) for number in range(910, 940)}
    lists[f"{PAGE}_2/comments"].insert(0, "2_902")
    things["r1"] = {
        "created_time": stamp(30),
        "review_text": "Kopinya juara.",
        "recommendation_type": "positive",
        "reviewer": {"id": "999", "name": "Pak Budi"},
        "open_graph_story": {"id": "31"},
    }
    things["r2"] = {"created_time": stamp(40), "recommendation_type": "negative", "reviewer": {"id": "998"}}
    return MetaReplay(things, lists)
