"""How long somebody says that they have been waiting, told apart from what they were promised.

Rules and not a model: a length of time is written in few ways, and a person must be able to see why it was taken for a
wait. The texts are those of people who bought and cannot use yet, so that a bare "10 hari" is a wait.
"""

import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from domain.text import fold
from nlp.lengths import YEAR, Length, lengths
from nlp.since import since

# Raised when these rules, or those of lengths and dates, find other waits than before: then all is gauged anew.
RULES = 1


class Sense(StrEnum):
    """What a length of time in a text is."""

    WAITED = "waited"
    PROMISED = "promised"
    OTHER = "other"


class Told(NamedTuple):
    """A length of time as a text tells it, and what it is."""

    length: timedelta
    sense: Sense


# Up to two words after "disuruh", such as "tunggu lagi", belong to the promise; "udah 2 minggu" does not.
_THEN = r"(?:\w*)(?: (?!su?da?h|udah?\b|udh|uda|dah|sampai|sampe|hampir|lebih)\w+){0,2}"
# Words before a length, since the one before it, that tell what it is; the last of them in the text decides.
_BEFORE = {
    Sense.WAITED: re.compile(
        r"(?<!\w)(?:su?da?h|sudh|sdah|udah?|udh|uda|dah|da|wis|wes|hampir|hampr|hmpir|nyaris|lebih(?: dari)?|lbh|"
        r"(?:me)?nunggu\w*|tunggu\w*|nungguin|selama|slama|telah|delay\w*|telat|terlambat|molor|lewat|masuk|"
        r"berkutat|sampai|sampek?|smpe|smpai|smp|ampe|hingga|sejak|dari|dr|makan waktu|lama\w*|kemarin|malah)(?!\w)"
    ),
    Sense.PROMISED: re.compile(
        r"(?<!\w)(?:kata ?nya|ktnya|kt(?:a)?ny|kata (?:cs|admin|min|seller|kurir|petugas|sales|agen|mereka)\w*|"
        r"jan?ji\w*|dijanji\w*|estimasi\w*|est|estimated|maks\w*|max\w*|mak[sx]imum|paling (?:lama|lambat|cepat|cepet)|"
        rf"seharusnya|harusnya|hrsnya|mestinya|dalam(?: waktu)?|dlm|(?:(?:di)?suruh|ny?uruh|menyuruh|diminta){_THEN}|"
        rf"bilang(?:nya)?{_THEN}|info(?:nya)?|akan|bakal|nanti|target\w*|sla|proses\w* normal|normalnya|biasanya|"
        r"keterangan\w*(?: di aplikasi)?|tulisan\w*|jaminan|garansi tiba|coba lagi|iklan\w*)(?!\w)"
    ),
    Sense.OTHER: re.compile(
        r"(?<!\w)(?:tiap|setiap|per|baru|br|cuma|cuman|hanya|kurang dari|(?:ga|gak|nggak|tidak|tdk|tak) "
        r"(?:sampai|sampe|nyampe)|buka|layanan|cs|call ?center|masa aktif|aktif|kuota|berlaku|garansi|tenor|"
        r"cicilan|unlimited|selisih|(?:di ?)?(?:kasih|beri) waktu|pemakaian|umur|usia|lagi|untuk|utk|dulu|gratis|"
        r"diskon|di ?bawah|selesai|kelar|(?:belum|blm|belom|blom) (?:juga|ada|genap))(?!\w)"
    ),
}
_NOT_YET = (
    r"(?:masih |juga |jg |ini |ni |lebih )*(?:belum|belom|blm|blom|blum|ga|gak|gk|nggak|ngga|kagak|kaga|tidak|tdk|tak|"
    r"ora|stuck|nunggu|menunggu|suruh|tertahan|ketahan|nyangkut|mandek|muter\w*)(?!\w)"
)
_STILL_NOT = re.compile(rf"\s?{_NOT_YET}")
_AFTER = {
    # What lies ahead, happens often, came soon, or is how long somebody has been a customer.
    Sense.OTHER: re.compile(
        r"\s?(?:aja|saja|doang|sekali|skali|sehari|seminggu|sebulan|lagi|lg|kedepan|ke depan|sebelum\w*|full|nonstop|"
        r"online|pertama|(?:yang |yg )?(?:akan )?datang|\d+\s?(?:x|kali)|"
        r"(?:su?dah |udah |udh |dah )?(?:sampai|sampe|nyampe|nyampai)(?!\s(?:sekarang|skrg|skrng|skg|hari|saat|detik))|"
        r"(?:an )?(?:aku |saya |sa?y |gw |gue )?(?:pakai|pake|make|makai|langganan|berlangganan|jadi|menjadi|pengguna|"
        r"member|nasabah|kerja di|main|gabung|tinggal di))(?!\w)"
    ),
    Sense.PROMISED: re.compile(
        r"\s?(?:kerja|krja|krj|kerjanya|sampai dijanj\w+|kata\w*|ktnya|paling l\w+|max\w*|maks\w*)(?!\w)"
    ),
    Sense.WAITED: re.compile(rf"\s?(?:(?:lebih|lbh|lamanya|berlalu|lewat|kok|ko)(?!\w)|{_NOT_YET})"),
}
# Of these words only the ones that say that the time has passed count against a promise such as "3 hari kerja".
_PASSED = re.compile(
    r"(?<!\w)(?:su?da?h|sudh|sdah|udah?|udh|uda|dah|hampir|hampr|hmpir|nyaris|lebih(?: dari)?|lbh|telah|lewat|melewati|"
    r"masuk)(?!\w)[^.!?]{0,12}$"
)
# A word may be so far before the length that it belongs to, and still does.
_REACH = 32
# However short it says it is, "baru 2 hari lalu" was two days ago.
_AGO = re.compile(r"\s?(?:yang |yg )?lalu(?!\w)")
# Repeated times a day, such as "3x sehari".
_OFTEN = re.compile(r"(?:\d\s?x|(?<!\w)kali|(?<!sama )sekali)\s?$")
_KERJA = re.compile(r"^\s?(?:kerja|krja|krj|kerjanya)")
_END = re.compile(r"[.!?\n](?!\d)")


def waited(text: str, published_at: datetime) -> timedelta | None:
    """Return the longest wait that a text states, or ``None`` where it states none.

    ``published_at`` is by the writer's clock, so that "sejak tanggal 3" and "dari pagi" can be counted from.
    """
    words = fold(text)
    said = [one.length for one in told(words) if one.sense is Sense.WAITED]
    return max([*said, *since(words, published_at)], default=None)


def promised(text: str) -> timedelta | None:
    """Return the longest time that a text says was promised, or ``None`` where it says none."""
    return max((one.length for one in told(fold(text)) if one.sense is Sense.PROMISED), default=None)


def told(text: str) -> list[Told]:
    """Return each length of time of a text in small letters with what it is."""
    found = lengths(text)
    ends = [0, *(one.end for one in found)]
    nexts = [*(one.start for one in found[1:]), len(text)]
    return [
        Told(one.length, _sense(one, text[max(end, one.start - _REACH) : one.start], text[one.end : following]))
        for one, end, following in zip(found, ends, nexts, strict=False)
    ]


def _sense(one: Length, before: str, after: str) -> Sense:
    """Decide by the words around: what stands after it is nearest, then the last word before it."""
    before, after = _END.split(before)[-1], _END.split(after)[0]
    cue = _last(before)
    # Years are how long people have been customers, unless something has not come.
    old = one.length >= YEAR and not _STILL_NOT.match(after)
    if old or _AFTER[Sense.OTHER].match(after) or _OFTEN.search(before):
        return Sense.PROMISED if cue is Sense.PROMISED else Sense.OTHER
    if _AGO.match(after):
        return Sense.WAITED
    if one.round_clock or _AFTER[Sense.PROMISED].match(after):
        passed = _PASSED.search(before) or (cue is None and _AFTER[Sense.WAITED].match(_KERJA.sub("", after)))
        return Sense.WAITED if passed else Sense.PROMISED
    return cue if cue in {Sense.PROMISED, Sense.OTHER} else Sense.WAITED


def _last(before: str) -> Sense | None:
    """Return what the last word of ``before`` that tells anything says; "tidak sampai" says more than "sampai"."""
    ends = {sense: [match.end() for match in words.finditer(before)] for sense, words in _BEFORE.items()}
    latest = [(max(found), rank, sense) for rank, (sense, found) in enumerate(ends.items()) if found]
    return max(latest)[2] if latest else None
