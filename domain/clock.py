"""Time: UTC inside, the reader's zone at the edges, and the periods that figures are counted over."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}


class Grain(StrEnum):
    """The length of a period that figures are counted over; weeks begin on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


def now() -> datetime:
    """Return this moment in UTC."""
    return datetime.now(UTC)


def zone_label(zone: str) -> str:
    """Return WIB, WITA or WIT for Indonesia's zones, and the zone's own name for others."""
    return ZONES.get(zone, zone)


def local(moment: datetime, zone: str) -> datetime:
    """Return an aware moment as a clock on the wall of the zone shows it."""
    return moment.astimezone(ZoneInfo(zone))


def period_start(day: date, grain: Grain) -> date:
    """Return the first day of the period that a day lies in."""
    match grain:
        case Grain.DAY:
            return day
        case Grain.WEEK:
            return day - timedelta(days=day.weekday())
        case Grain.MONTH:
            return day.replace(day=1)


def next_period(start: date, grain: Grain) -> date:
    """Return the first day of the period after the one that begins on ``start``."""
    longest = {Grain.DAY: 1, Grain.WEEK: 7, Grain.MONTH: 31}[grain]
    return period_start(start + timedelta(days=longest), grain)


def edges(start: date, end: date, zone: str) -> tuple[datetime, datetime]:
    """Return the UTC moments at which the days from ``start`` to before ``end`` begin and end in the zone."""
    first, last = (datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC) for day in (start, end))
    return first, last


def grid(moment: datetime, every: timedelta) -> datetime:
    """Return the last moment up to ``moment`` that a clock reaches which ticks once in ``every``, from midnight UTC."""
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + (moment - day) // every * every
