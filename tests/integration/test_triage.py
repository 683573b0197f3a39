"""What the team does about mentions, in the store."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from domain.access import Viewer
from domain.errors import ForbiddenError
from domain.records import Mention
from domain.vocabulary import CaseEntryKind, CaseStatus, Impression, Priority, Stage, UserRole
from store.engine import Store
from store.place import Place
from store.privacy import bury
from store.queries import handled, inbox
from store.queries.inbox import Filter
from store.relabel import relabel
from store.state import BrandSetting, sync_brands
from store.triage import Change, Held, Written, answer, change, entries, held, note
from store.work_tables import TRIAGE, TRIAGE_ENTRY, TRIAGE_TAG
from store.writes import Arrival, save_mentions

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
PLACE = Place("feeds", "all", "Asia/Jakarta", NOW)
NOBODY_MAY = Viewer(name="tamu@senja.id", role=UserRole.VIEWER)


@pytest.fixture
def said(store: Store) -> Store:
    """Return a store with six mentions of a brand, the sixth the newest."""
    with store.write() as conn:
        sync_brands(conn, [BrandSetting("senja", "Senja", own=True, expression="senja", exclusions={})], NOW)
        for n in range(1, 7):
            when = NOW - timedelta(hours=10 - n)
            mention = Mention(native_id=str(n), platform="x", published_at=when, text=f"senja {n}")
            save_mentions(conn, store.names, PLACE, [Arrival({}, mention, (1,))])
    return store


def work(store: Store, ids: list[int], **wanted: object) -> dict[int, Held]:
    with store.write() as conn:
        return change(conn, 1, ids, Change(**wanted), "sari", NOW)  # type: ignore[arg-type]


def found(store: Store, **wanted: object) -> list[int]:
    with store.read() as conn:
        return inbox.matching(conn, Filter(1, **wanted))  # type: ignore[arg-type]


def stands(store: Store, mention_id: int) -> Held:
    with store.read() as conn:
        return held(conn, 1, [mention_id]).get(mention_id, Held())


def test_each_change_leaves_its_line(said: Store) -> None:
    """What was changed stands with who and when; what is as it was leaves no line."""
    work(said, [1], status=CaseStatus.IN_PROGRESS, owner="  Sari   R ", tags_on=("Antre  LAMA", "antre lama"))
    work(said, [1], status=CaseStatus.IN_PROGRESS)
    work(said, [1], priority=Priority.URGENT, owner="", tags_off=("antre lama",))
    with said.read() as conn:
        lines = entries(conn, 1, 1)
    assert [(line["kind"], line["text"]) for line in lines] == [
        (CaseEntryKind.STATUS, "in_progress"),
        (CaseEntryKind.OWNER, "Sari R"),
        (CaseEntryKind.TAG, "+antre lama"),
        (CaseEntryKind.PRIORITY, "urgent"),
        (CaseEntryKind.OWNER, ""),
        (CaseEntryKind.TAG, "-antre lama"),
    ]
    assert {(line["actor"], line["at"]) for line in lines} == {("sari", NOW)}
    assert stands(said, 1) == Held(CaseStatus.IN_PROGRESS, Priority.URGENT, None, NOW)


def test_mentions_that_are_gone_are_passed_over(said: Store) -> None:
    """Of several mentions one was taken back meanwhile: the others are changed, and nothing is left of it."""
    work(said, [1, 2], tags_on=("antre",))
    with said.write() as conn:
        bury(conn, said.names, PLACE, ["2"])
    assert sorted(work(said, [1, 2, 3, 999], status=CaseStatus.DONE)) == [1, 3]
    with said.write() as conn:
        assert note(conn, 1, 2, "halo", "sari", NOW) is Written.GONE
        assert answer(conn, 1, 2, NOW, "sari", NOW) is Written.GONE
        for table in (TRIAGE, TRIAGE_TAG, TRIAGE_ENTRY):
            assert 2 not in conn.scalars(select(table.c.mention_id)).all()


def test_answers_are_noted(said: Store) -> None:
    """The first answer counts, and none comes before the mention or after now."""
    early, late = NOW - timedelta(hours=2), NOW - timedelta(hours=1)
    with said.write() as conn:
        assert answer(conn, 1, 1, late, "sari", NOW, "Mohon maaf, Kak") is Written.DONE
        assert answer(conn, 1, 1, early, "sari", NOW) is Written.DONE
        assert answer(conn, 1, 1, NOW + timedelta(minutes=1), "sari", NOW) is Written.LATE
        assert answer(conn, 1, 1, NOW - timedelta(days=1), "sari", NOW) is Written.EARLY
        assert note(conn, 1, 1, " \n ", "sari", NOW) is Written.EMPTY
        assert note(conn, 1, 1, "sudah ditelepon", "sari", NOW) is Written.DONE
        assert [line["kind"] for line in entries(conn, 1, 1)] == [*2 * [CaseEntryKind.REPLY], CaseEntryKind.NOTE]
    assert stands(said, 1).answered_at == early


def test_who_may_not_changes_nothing(said: Store) -> None:
    """A viewer's connection is refused, whatever page it comes from."""
    deeds = (
        lambda conn: change(conn, 1, [1], Change(status=CaseStatus.DONE), "tamu", NOW),
        lambda conn: note(conn, 1, 1, "halo", "tamu", NOW),
        lambda conn: answer(conn, 1, 1, NOW, "tamu", NOW),
    )
    for deed in deeds:
        with pytest.raises(ForbiddenError), said.write(NOBODY_MAY) as conn:
            deed(conn)
    assert stands(said, 1) == Held()


def test_filters_know_the_mentions_that_nobody_touched(said: Store) -> None:
    """One without a row is new, normal and nobody's, and every filter lets through what stands so."""
    work(said, [1], status=CaseStatus.DONE, owner="sari", tags_on=("antre", "promo"))
    work(said, [2], status=CaseStatus.IN_PROGRESS, owner="budi", priority=Priority.URGENT, tags_on=("antre",))
    work(said, [3], owner="sari")
    work(said, [4], owner="sari")
    work(said, [4], owner="")
    new, done, busy = CaseStatus.NEW, CaseStatus.DONE, CaseStatus.IN_PROGRESS
    cases: list[tuple[dict[str, object], list[int]]] = [
        ({"statuses": (new,)}, [6, 5, 4, 3]),
        ({"statuses": (done,)}, [1]),
        ({"statuses": (new, done)}, [6, 5, 4, 3, 1]),
        ({"statuses": tuple(CaseStatus)}, [6, 5, 4, 3, 2, 1]),
        ({"priorities": (Priority.NORMAL,)}, [6, 5, 4, 3, 1]),
        ({"priorities": (Priority.URGENT, Priority.HIGH)}, [2]),
        ({"owners": ("sari",)}, [3, 1]),
        ({"owners": ("sari",), "statuses": (new,)}, [3]),
        ({"unowned": True}, [6, 5, 4]),
        ({"unowned": True, "owners": ("budi",)}, [6, 5, 4, 2]),
        ({"unowned": True, "statuses": (busy,)}, []),
        ({"statuses": (new,), "priorities": (Priority.URGENT,)}, []),
        ({"tags": ("antre",)}, [2, 1]),
        ({"tags": ("antre", "promo"), "statuses": (done,)}, [1]),
        ({"tags": ("lain",)}, []),
    ]
    assert [found(said, **wanted) for wanted, _ in cases] == [expected for _, expected in cases]
    with said.read() as conn:
        assert handled.owners(conn, 1) == ["budi", "sari"]
        assert handled.tags(conn, 1) == ["antre", "promo"]


def test_many_in_hand_are_found_on_the_walk_as_well(said: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond what is fetched one by one, the same mentions are found in the same order."""
    work(said, [1, 2, 3], status=CaseStatus.WAITING, tags_on=("antre",))
    asked: tuple[dict[str, object], ...] = ({"statuses": (CaseStatus.WAITING,)}, {"tags": ("antre",)})
    few = [found(said, **wanted) for wanted in asked]
    monkeypatch.setattr("store.queries.handled._COMMON", 1)
    assert [found(said, **wanted) for wanted in asked] == few == [[3, 2, 1]] * 2


def test_people_and_erasing_do_not_wait_for_each_other(said: Store) -> None:
    """Several change and correct the same mentions while these are taken back: each is done whole, none is stuck."""
    ids = [1, 2, 3, 4, 5, 6]

    def handle(turn: int) -> None:
        for n in range(8):
            with said.write() as conn:
                change(conn, 1, ids[:: 1 if turn % 2 else -1], Change(tags_on=(f"{turn} {n}",)), "sari", NOW)

    def label(_: int) -> None:
        given = {"impression": Impression.BOO, "stage": Stage.ACT}
        for _turn in range(4):
            with said.write() as conn:
                relabel(conn, 1, ids, given, "sari", "Asia/Jakarta", NOW)

    def take_back(_: int) -> None:
        for native in ("3", "5", "1"):
            with said.write() as conn:
                bury(conn, said.names, PLACE, [native])

    with ThreadPoolExecutor(4) as pool:
        running = [pool.submit(work, n) for n, work in enumerate((handle, handle, label, take_back))]
        assert [one.result(60) for one in running] == [None] * 4
    with said.read() as conn:
        assert set(conn.scalars(select(TRIAGE_TAG.c.mention_id))) == {2, 4, 6}
        assert all(len(held(conn, 1, [one])[one].tags) == 16 for one in (2, 4, 6))
