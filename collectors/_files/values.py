"""Reads the small values that exports write in many ways: counts, ratings, platforms and whose voice it is."""

import re
from typing import Any, Final

from domain.vocabulary import Platform, Role

_ALIASES: Final = {
    Platform.X: "twitter tweet xcom twittercom",
    Platform.INSTAGRAM: "ig insta",
    Platform.FACEBOOK: "fb facebookcom",
    Platform.TIKTOK: "tik_tok",
    Platform.YOUTUBE: "yt you_tube",
    Platform.WHATSAPP: "wa whatsapp_business whats_app",
    Platform.GOOGLE_PLAY: "googleplay play_store playstore google_play_store android",
    Platform.APP_STORE: "appstore apple_app_store ios itunes",
    Platform.MAPS: "google_maps googlemaps gmaps google_business gbp google_review google_reviews",
    Platform.MARKETPLACE: "tokopedia shopee lazada bukalapak blibli tiktok_shop lokapasar",
    Platform.NEWS: "berita media_online news_site artikel",
    Platform.FORUM: "kaskus mediakonsumen media_konsumen surat_pembaca",
    Platform.EMAIL: "e_mail surel mail",
    Platform.SMS: "short_message",
    Platform.CALL_CENTRE: "call_center callcenter telepon phone voice contact_center hotline",
    Platform.REVIEW: "ulasan reviews",
    Platform.OTHER: "lainnya",
}
_PLATFORMS: Final = {platform.value: platform for platform in Platform} | {
    alias: platform for platform, aliases in _ALIASES.items() for alias in aliases.split()
}
_ROLES: Final = {
    word: role
    for role, words in {
        Role.BRAND: "true yes ya y 1 brand merek agent agen admin cs operator outbound keluar out",
        Role.PRESS: "press media news pers wartawan",
    }.items()
    for word in words.split()
}
_COUNT = re.compile(r"(\d+(?:[.,]\d+)*)\s*(rb|ribu|k|jt|juta|m)?\+?$", re.IGNORECASE)
_GROUPED = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_SCALE: Final = {"": 1, "rb": 10**3, "ribu": 10**3, "k": 10**3, "jt": 10**6, "juta": 10**6, "m": 10**6}
_STARS = re.compile(
    r"([0-4](?:[.,]\d+)?|5(?:[.,]0+)?)\s*(?:/\s*5(?:[.,]0+)?|bintang|stars?|dari 5|out of 5)?$", re.IGNORECASE
)
_STAR_WORDS: Final = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
# Above this a counter no longer fits the 64 bits that databases keep integers in; no post comes near it.
_MOST: Final = 2**53
_SHORT = 16
_NOTHING: Final = frozenset({"", "-", "nan", "null", "none", "n/a", "na", "nat", "<na>", "#n/a"})
_A_WORD = 5


def filled(value: Any) -> str | None:
    """Return a cell's text, or ``None`` for what exports write when they have nothing."""
    if value is None:
        return None
    text = str(value).strip()
    return None if len(text) < _A_WORD and text.casefold() in _NOTHING else text


def parse_count(value: Any) -> int | None:
    """Return a counter such as ``12``, ``12.0``, ``1.234``, ``1,2 rb`` or ``3K``; raises ValueError on others."""
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    if text.isascii() and text.isdigit() and len(text) < _SHORT:
        return int(text)
    match = _COUNT.match(text)
    if match is None:
        raise ValueError("not a count")
    number, unit = match[1], (match[2] or "").lower()
    # Without a unit a point or comma before three digits groups thousands, in Indonesian and in English alike.
    grouped = not unit and _GROUPED.fullmatch(number)
    count = float(re.sub("[.,]", "", number) if grouped else number.replace(",", ".")) * _SCALE[unit]
    if count > _MOST or not count.is_integer():
        raise ValueError("not a count")
    return int(count)


def parse_stars(value: Any) -> int | None:
    """Return a rating from 1 to 5, halves rounded up, or ``None`` for zero, which means "not rated".

    Raises ValueError on anything else, a rating out of ten among it.
    """
    text = str(value).strip()
    if text and set(text) <= set("★☆⭐\ufe0f "):
        return text.count("★") + text.count("⭐") or None
    if word := _STAR_WORDS.get(text.casefold()):
        return word
    match = _STARS.match(text)
    if not match:
        raise ValueError("not a rating from 1 to 5")
    return int(float(match[1].replace(",", ".")) + 0.5) or None


def parse_platform(value: Any) -> Platform:
    """Return the platform that a name or nickname stands for; raises ValueError when it is none we know."""
    named = _PLATFORMS.get(str(value))
    if named:
        return named
    plain = re.sub(r"\W+", "_", str(value).strip().casefold()).strip("_")
    platform = _PLATFORMS.get(plain) or _PLATFORMS.get(plain.replace("_", ""))
    if platform is None:
        raise ValueError("not a platform that is known here")
    return platform


def parse_role(value: Any) -> Role:
    """Return whose voice a cell says it is: yes, brand, agent or outgoing is the brand's; else a customer's."""
    return _ROLES.get(str(value).strip().casefold(), Role.CUSTOMER)
