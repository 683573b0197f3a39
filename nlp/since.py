"""Finds since when, in Indonesian texts: "dari tgl 3", "pesan 26/10", "sejak kemarin", "dari jam 10 sampai jam 6"."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import chain

_MONTHS = (
    *("jan(?:uari)?", "(?:f|p)eb(?:r?uari)?", "mar(?:et)?", "apr(?:il)?", "mei", "juni?", "juli?"),
    *("ag(?:u?s(?:tus)?|st|u)", "sept?(?:ember)?", "okt(?:ober)?", "no[vp](?:ember)?", "des(?:ember)?"),
)
_MONTH = "|".join(rf"(?P<month{n}>{form})" for n, form in enumerate(_MONTHS, 1))
_SINCE = r"(?:dari|dr|dri|sejak|sjk|semenjak|mulai|dari mulai|since)"
_BOUGHT = (
    r"(?:pes[ae]n(?:an)?|psen|mesan|mesen|pemesanan|order(?:an)?|check ?out|c\.?o|(?:mem|di)?beli|pembelian|"
    r"(?:mem|di)?bayar|pembayaran|transaksi|transfer|tf|(?:mengi|i)si|daftar|top ?up|ngajuin|pengajuan|mengajukan|"
    r"request|aktivasi|(?:di|me)?kirim)"
)
_PROMISE = (
    r"(?:estimasi\w*|est|katanya|kata ?nya|janji\w*|dijanjikan|maks\w*|max\w*|maximal|paling lam\w+|harusnya|"
    r"seharusnya|jadwal\w*|sampai tgl|berlaku)"
)
_NOW = r"(?:sampai|sampe|smp|smpe|smpai|ampe|hingga|ini|skrg|skrng|skg|sekarang|hari ini|sudah|sdh|udah|udh|uda|dah)"
_FEW = r"[^.!?\n]{0,40}?"
_DATE = re.compile(
    rf"(?<![\w/.:-])(?<!\bjam )(?<!\bjm )(?<!\bpukul )(?P<called>tgl|tanggal|tggl)?\.?\s?(?P<day>\d{{1,2}})(?!\d)"
    rf"(?:\s?(?:[-/.]\s?)?(?:{_MONTH})(?![a-z])|[-/.](?P<number>0?[1-9]|1[0-2])(?!\d))?"
    r"(?:[-/. ]\s?(?P<year>20\d\d|(?<=[-/.])\d\d(?!\d)))?(?![\w%])"
    r"(?!\s?(?:hari|hr|minggu|mi?ngg?u|pekan|bulan|bln|jam|jm|menit|mnt|tahun|thn|rb|ribu|jt|juta|kali|x)\b)"
)
_CLOCK = re.compile(
    r"(?<!\w)(?:jam|jm|pukul|pkl)\.?\s?(?P<half>set(?:engah)?\s?)?(?P<hour>\d{1,2})(?:[.:](?P<minute>\d\d))?"
    r"(?!\s?(?:jam|jm|menit))(?:\s?(?P<part>pagi|siang|sore|malam|mlm|malem))?(?!\w)"
)
_PARTS = {"pagi": 7, "siang": 12, "sore": 16, "malam": 21, "malem": 21, "mlm": 21}
_TO = r"\s(?:sampai|sampe|smp|smpe|ampe|hingga|ke)\s(?:ke\s)?"
_PART = re.compile(
    rf"(?<!\w){_SINCE}\s(?:tadi\s|td\s)?(?P<part>pagi|siang|sore)(?:{_TO}(?P<until>siang|sore|malam|mlm|malem))?(?!\w)"
)
_LAST_NIGHT = re.compile(rf"(?<!\w){_SINCE}\s(?:semal[ae]m|(?:tadi|td|kemar[ie]n)\s(?:malam|mlm|malem))(?!\w)")
_WEEKDAYS = ("senin", "selasa", "rabu", "kamis", "jum['’]?at", "sabtu|sabtunya", "minggu|ahad")
_WEEKDAY = re.compile(
    rf"(?<!\w)(?:{_SINCE}\s(?:hari\s)?|{_BOUGHT}\s(?:dari\s)?hari\s)"
    rf"(?:{'|'.join(f'(?P<weekday{n}>{form})' for n, form in enumerate(_WEEKDAYS))})(?!\w|\s(?:lalu|kemar|yang|yg|\d))"
    rf"(?:{_TO}(?:hari\s)?(?:{'|'.join(f'(?P<until{n}>{form})' for n, form in enumerate(_WEEKDAYS))})(?!\w))?"
)
# "Dari 3 sampe sekarang": that it is a day of the month is clear from what stands around it.
_BARE_DAY = re.compile(
    rf"(?<!\w){_SINCE}\s(?P<day>\d{{1,2}})\s(?:sampai|sampe|smp|smpe|ampe|hingga)\s(?:sekarang|skrg|skrng|skg|saat ini)"
)
_YESTERDAY = r"k(?:e)?mar?[aei]?n|kmrn|kmren|kmrin"
_AGO = {
    rf"(?:{_YESTERDAY})[\s-](?:lusa|dulu|{_YESTERDAY})": timedelta(days=2),
    rf"(?:{_YESTERDAY})": timedelta(days=1),
    rf"minggu (?:lalu|{_YESTERDAY}|yang lalu|yg lalu)": timedelta(days=7),
    rf"bulan (?:lalu|{_YESTERDAY}|yang lalu|yg lalu)": timedelta(days=30),
}
_RELATIVE = [
    (
        re.compile(
            rf"(?<!\w)(?:(?:{_SINCE}|{_BOUGHT})\s{form}|{form}\s(?:sa?ya\s|sy\s|aku\s|gw\s|gua\s)?{_BOUGHT})(?!\w)"
        ),
        length,
    )
    for form, length in _AGO.items()
]
_MONTH_BEGAN = re.compile(rf"(?<!\w){_SINCE}\sawal bulan(?!\w)(?! lalu)")
_STARTS = re.compile(rf"(?<!\w)(?:{_SINCE}|{_BOUGHT}|{_YESTERDAY}){_FEW}$")
_PROMISES = re.compile(rf"(?<!\w){_PROMISE}[^.!?,\n]{{0,40}}?$")
_ENDS = re.compile(
    rf"(?<!\w){_NOW}\s(?:(?:di|pada|hari|sudah|udah|udh|dah|tiba|nya|ini|lagi|sekarang|skrg|skg|saat|ini)\s)*$"
)
_STILL = re.compile(
    r"(?<!\w)(?:sampai|sampe|smp|smpe|ampe|hingga)\s(?:sekarang|skrg|skrng|skg|saat ini|detik ini|kini)"
)
# How far a word that makes a date a beginning may stand before it.
_BEFORE = 56
# Nobody tells a wait of more than a year by its date; such a date is of something else.
_FARTHEST = timedelta(days=366)
_NOON = 12


def since(text: str, told_at: datetime) -> list[timedelta]:
    """Return how long ago things were that a text (in small letters) told at a moment has been waiting since.

    ``told_at`` is by the writer's clock. Dates without month or year are the last such ones before it.
    """
    waits = chain(_by_date(text, told_at), _by_clock(text, told_at), _by_word(text, told_at))
    return [wait for wait in waits if timedelta() < wait <= _FARTHEST]


def _by_date(text: str, told_at: datetime) -> Iterator[timedelta]:
    begun = named = None
    end = told_at.date()
    after = 0
    for match in _DATE.finditer(text):
        before = text[max(after, match.start() - _BEFORE) : match.start()]
        after = match.end()
        if not _plausible(match, before) or _PROMISES.search(before):
            continue
        if (begun or named) and _ENDS.search(before):
            # "Waktu kirim tgl 7, padahal udah tgl 10": the later date makes the earlier one a beginning.
            begun, end = begun or named, _resolved(match, end) or end
        elif begun is None and _STARTS.search(before):
            begun = match
        named = named or match
    start = _resolved(begun, end) if begun else None
    if start:
        yield end - start


def _plausible(match: re.Match[str], before: str) -> bool:
    """Tell whether a number is a date: called so, with a month in letters, or with a month and a beginning."""
    if match["called"] or _month(match):
        return bool(match["called"]) or match["number"] is None
    # "3-4" alone is a number of things; "3/4" after a beginning, and "3-4-2026", are days.
    return match["year"] is not None or ("/" in match[0] and bool(_STARTS.search(before)))


def _month(match: re.Match[str]) -> int | None:
    return next((n for n in range(1, 13) if match[f"month{n}"]), None)


def _resolved(match: re.Match[str], latest: date) -> date | None:
    """Return the last day up to ``latest`` that a date may mean, or ``None`` for no day at all."""
    day, month = int(match["day"]), _month(match) or (int(match["number"]) if match["number"] else None)
    if match["year"]:
        year = int(match["year"])
        return _day(year if year > 99 else 2000 + year, month, day)  # noqa: PLR2004 - two figures of a year
    months = [(latest.year, month), (latest.year - 1, month)] if month else _months(latest)
    days = (_day(*one, day) for one in months)
    return next((one for one in days if one and one <= latest), None)


def _months(latest: date) -> list[tuple[int, int]]:
    before = latest.replace(day=1) - timedelta(days=1)
    return [(latest.year, latest.month), (before.year, before.month)]


def _day(year: int, month: int | None, day: int) -> date | None:
    try:
        return date(year, month or 0, day)
    except ValueError:
        return None


def _by_clock(text: str, told_at: datetime) -> Iterator[timedelta]:
    clocks = [match for match in _CLOCK.finditer(text) if int(match["hour"]) <= 24]  # noqa: PLR2004 - hours of a day
    for match, after in zip(clocks, [*clocks[1:], None], strict=False):
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        if not _STARTS.search(before) or _PROMISES.search(before):
            continue
        between = text[match.end() : after.start()] if after else text[match.end() :]
        if after and _ENDS.search(between):
            yield _until(_minutes(match), _minutes(after), sure="part" if after["part"] else "")
        elif _STILL.search(between):
            yield _until(_minutes(match), told_at.hour * 60 + told_at.minute, sure="part")


def _minutes(match: re.Match[str]) -> int:
    hour, part = int(match["hour"]), match["part"]
    if part in {"siang", "sore", "malam", "mlm", "malem"} and 1 <= hour < _NOON - 1:
        hour += _NOON
    return hour * 60 + int(match["minute"] or 0) - (30 if match["half"] else 0)


def _until(start: int, end: int, sure: str) -> timedelta:
    """Return the time between two clocks of a day in minutes; an end before the beginning is in the afternoon."""
    while end <= start and not sure and end < _NOON * 60:
        end += _NOON * 60
    return timedelta(minutes=end - start)


def _by_word(text: str, told_at: datetime) -> Iterator[timedelta]:
    for pattern, length in _RELATIVE:
        if pattern.search(text):
            yield length
    if _MONTH_BEGAN.search(text):
        yield timedelta(days=told_at.day - 1)
    if _LAST_NIGHT.search(text):
        evening = datetime.combine(told_at.date() - timedelta(days=1), time(21), told_at.tzinfo)
        yield told_at - evening
    for match in _PART.finditer(text):
        until = match["until"]
        end = told_at.replace(hour=_PARTS[until], minute=0, second=0, microsecond=0) if until else told_at
        yield end - told_at.replace(hour=_PARTS[match["part"]], minute=0, second=0, microsecond=0)
    for match in _WEEKDAY.finditer(text):
        weekday = next(n for n in range(7) if match[f"weekday{n}"])
        until = next((n for n in range(7) if match[f"until{n}"]), told_at.weekday())
        yield timedelta(days=(until - weekday) % 7)
    for match in _BARE_DAY.finditer(text):
        start = next((day for one in _months(told_at.date()) if (day := _day(*one, int(match["day"])))), None)
        if start:
            yield told_at.date() - start
