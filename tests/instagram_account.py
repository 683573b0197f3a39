"""An Instagram account of our making."""

from meta_replay import ACCOUNT, MetaReplay, Thing, stamp


def comment(text: str, hours_ago: float, user: str = "sari.w", likes: int = 1) -> Thing:
    """Return a comment."""
    return {"text": text, "timestamp": stamp(hours_ago), "username": user, "like_count": likes}


def media(hours_ago: float, caption: str | None = None, user: str = "rani", likes: int = 7) -> Thing:
    """Return a post."""
    said = {"caption": caption} if caption else {}
    counts = {"like_count": likes, "comments_count": 2, "permalink": "https://www.instagram.com/p/AbC/"}
    return {"timestamp": stamp(hours_ago), "username": user, **counts, **said}


def account(*, overlap: bool = False) -> MetaReplay:
    """Return an account with five posts of its own, comments, tags and hashtags; a tagged post may carry a hashtag."""
    things: dict[str, Thing] = {ACCOUNT: {"username": "kopisenja"}}
    lists: dict[str, list[str]] = {f"{ACCOUNT}/media": [], f"{ACCOUNT}/tags": []}
    for number in range(5):
        post = f"1790000000000{number}"
        things[post] = media(number * 10, "Menu baru!", "kopisenja")
        lists[f"{ACCOUNT}/media"].append(post)
        lists[f"{post}/comments"] = []
        for place in range(number * 12):
            one = f"1780000{number}{place:04}"
            things[one] = comment(f"Kopinya enak sekali, kak {place}", number * 10 - place / 10, f"orang{place}")
            lists[f"{post}/comments"].append(one)
            lists[f"{one}/replies"] = []
        lists[f"{post}/comments"].reverse()
    answered = "17800001" + "0003"
    things["17810001"] = comment("Terima kasih, Kak!", 1, "kopisenja")
    things["17810002"] = comment("Setuju!", 0.5, "budi")
    lists[f"{answered}/replies"] = ["17810001", "17810002"]
    for number in range(4):
        tagged = f"1770000000000{number}"
        things[tagged] = media(number, f"Ngopi di Kopi Senja ke-{number}" if number else None)
        lists[f"{ACCOUNT}/tags"].append(tagged)
    found = [f"1760000000000{number}" for number in range(7)]
    things |= {one: {**media(place, f"#kopisenja hari ke-{place}")} for place, one in enumerate(found)}
    for one in found:
        del things[one]["username"]
    lists |= {
        "17843000000000001/recent_media": [*found, *(lists[f"{ACCOUNT}/tags"][1:2] if overlap else [])],
        "17843000000000002/recent_media": [],
    }
    hashtags = {"kopisenja": "17843000000000001", "ngopi": "17843000000000002"}
    return MetaReplay(things, lists, hashtags)
