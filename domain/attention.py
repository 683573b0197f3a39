"""When a mention is looked at again: often while a complaint is young, rarely later."""

from datetime import datetime, timedelta

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# Up to an age, the pause between two looks. A complaint's growth is decided in its first hours; what grows later grows
# slowly, and each look costs a call.
COMPLAINT = ((_HOUR, 5 * _MINUTE), (3 * _HOUR, 15 * _MINUTE), (_DAY, _HOUR), (3 * _DAY, 6 * _HOUR))
OTHER = ((_DAY, 6 * _HOUR),)


def next_look(published_at: datetime, now: datetime, watch: timedelta, *, complaint: bool) -> datetime | None:
    """Return when to look at a mention again, or ``None`` once it is older than ``watch``.

    Beyond the listed ages it is once a day: that is also how often a deletion is noticed.
    """
    age = now - published_at
    if age >= watch:
        return None
    pauses = COMPLAINT if complaint else OTHER
    return now + next((pause for until, pause in pauses if age < until), _DAY)
