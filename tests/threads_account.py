"""A Threads account of our making, and what others post."""

from meta_replay import MetaReplay, Thing, stamp


def post(text: str, hours_ago: float, user: str = "sari", replied_to: str | None = None) -> Thing:
    """Return a post."""
    link = {"replied_to": {"id": replied_to}, "is_reply": True} if replied_to else {}
    shown = {"permalink": f"https://www.threads.net/@{user}/post/AbC", "has_replies": True}
    return {"text": text, "timestamp": stamp(hours_ago), "username": user, **shown, **link}


def account() -> MetaReplay:
    """Return Threads with posts that name a brand, three of them in one second, and an account with answers."""
    things: dict[str, Thing] = {"me": {"username": "kopisenja"}}
    things |= {str(number): post(f"Kopi Senja lagi, hari ke-{number}", number) for number in range(100, 111)}
    things |= {str(number): post("kopi senja, kopi senja", 104) for number in (111, 112)}
    things["120"] = post("Coba deh #kopisenja", 3)
    things["130"] = post("Besok buka jam tujuh", 40, "kopisenja")
    things["131"] = post("Yang di Bandung juga, kak?", 39, "budi", "130")
    things["132"] = post("Betul, Kak!", 38, "kopisenja", "131")
    things["133"] = post("Asyik", 37, "budi", "132")
    things["140"] = post("@kopisenja tolong cek DM ya", 5, "rani")
    lists = {"me/mentions": ["140"], "me/threads": ["130"], "130/conversation": ["133", "132", "131"]}
    return MetaReplay(things, lists, version="v1.0")
