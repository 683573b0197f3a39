"""A source that stops listening becomes an alert, which closes when it listens again."""

from datetime import UTC, datetime, timedelta

from domain.records import Cursor, Outcome, Page
from domain.vocabulary import SourceFault
from simak.settings import SourceTable
from simak.watching import Watch
from store.alerts import alerts
from store.engine import Store
from store.place import Place
from store.state import begin_walk, end_walk, note_intake

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FEED = SourceTable(name="kabar", collector="feeds")


def visit(
    store: Store, at: datetime, *, seen: int = 0, aside: int = 0, error: str | None = None, walk: str = "all"
) -> None:
    """Ask the source once."""
    place = Place("kabar", walk, "Asia/Jakarta", at)
    with store.write() as conn:
        begin_walk(conn, place)
        page = Page(raws=tuple({} for _ in range(seen)), cursor=Cursor())
        note_intake(conn, place, page, Outcome(seen=seen, written=seen - aside, quarantined=aside))
        end_walk(conn, place, error, None)


def watch(store: Store, at: datetime) -> list[SourceFault]:
    Watch((FEED,), frozenset(), NOW - timedelta(days=1)).run(store, at)
    with store.read() as conn:
        return [one.fault for one in alerts(conn)]


def test_an_alert_opens_once_and_closes(store: Store) -> None:
    """A source without an answer is one alert however often it is looked at, until it answers."""
    visit(store, NOW)
    assert watch(store, NOW + timedelta(minutes=20)) == []
    visit(store, NOW + timedelta(minutes=25), error="The feed refused.")
    late = NOW + timedelta(minutes=31)
    assert watch(store, late) == [SourceFault.NO_ANSWER]
    assert watch(store, late + timedelta(minutes=9)) == [SourceFault.NO_ANSWER]
    with store.read() as conn:
        (alert,) = alerts(conn)
    assert (alert.opened_at, alert.figures) == (late, {"minutes": 40})
    visit(store, late + timedelta(minutes=10))
    assert watch(store, late + timedelta(minutes=11)) == []
    with store.read() as conn:
        assert [one.closed_at for one in alerts(conn, closed=True)] == [late + timedelta(minutes=11)]


def test_drift_is_told_with_its_share(store: Store) -> None:
    """A format that changed is an alert that tells how much of the last day could not be understood."""
    visit(store, NOW, seen=30)
    visit(store, NOW + timedelta(minutes=15), seen=30, aside=12)
    assert watch(store, NOW + timedelta(minutes=16)) == [SourceFault.DRIFT]
    with store.read() as conn:
        assert alerts(conn)[0].figures == {"share": 0.2, "seen": 60}


def test_what_has_no_turns_is_never_late(store: Store) -> None:
    """Second looks, which wait for something to be due, and walks of a former brand raise no alert."""
    visit(store, NOW - timedelta(days=3), walk="merek-lama")
    visit(store, NOW - timedelta(hours=9), walk="refresh")
    visit(store, NOW)
    assert watch(store, NOW + timedelta(minutes=20)) == []
