"""Complaints get the theme of their issue, a batch at a time, and keep it over restarts."""

from datetime import timedelta

import numpy as np
import pytest
from complaining import NOW, ZONE, Said, complain
from sqlalchemy import func, select

from domain.records import Labels
from domain.vocabulary import Impression, Journey, Stage
from nlp.bundled import BundledReader
from nlp.themes import Embedder
from simak.theming import Group
from store.engine import Store
from store.foresight_tables import THEME, THEME_MENTION
from store.labels import correct
from store.tables import MENTION
from store.themes import forget, texts

BALANCE = [
    "Saldo saya hilang setelah update aplikasi, tolong dikembalikan",
    "habis update aplikasi saldo malah jadi nol, balikin dong",
    "saldo 200 ribu lenyap sesudah aplikasi diperbarui",
]
FINE = Labels(
    impression=Impression.OK, complaint=False, stage=Stage.ASK, touchpoints=(), journey=Journey.NONE, use_gap=False
)
LATE = [
    "pesanan saya dua jam belum diantar juga, kurirnya ke mana",
    "nunggu pesanan diantar lama banget, dua jam lebih",
]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    reader = BundledReader()
    return Embedder(reader.states, reader.base, reader.width)


def themes(store: Store) -> dict[int, int | None]:
    with store.read() as conn:
        return dict(conn.execute(select(THEME_MENTION.c.mention_id, THEME_MENTION.c.theme_id)).all())


def test_an_issue_keeps_its_number_over_restarts_and_weeks(store: Store, embedder: Embedder) -> None:
    """What comes weeks later joins the theme that was there, in a new process too."""
    old = complain(store, [Said(30 * 1440 + at, text) for at, text in enumerate(BALANCE[:2])])
    Group(lambda: embedder, ZONE).run(store, NOW)
    new = complain(store, [Said(5, BALANCE[2]), Said(4, LATE[0]), Said(3, LATE[1])], first=10)
    outcome = Group(lambda: embedder, ZONE).run(store, NOW)
    found = themes(store)
    assert outcome.written == 3
    assert len({found[number] for number in [*old, new[0]]}) == 1
    assert found[new[1]] == found[new[2]] != found[new[0]]


def test_nothing_waits_twice(store: Store, embedder: Embedder) -> None:
    """A second run finds nothing to do and loads no reader."""
    complain(store, [Said(5, text) for text in BALANCE])
    Group(lambda: embedder, ZONE).run(store, NOW)

    def never() -> Embedder:
        raise AssertionError

    assert Group(never, ZONE).run(store, NOW).seen == 0


def test_what_is_no_complaint_leaves_its_theme(store: Store, embedder: Embedder) -> None:
    """A corrected label takes a mention out, and a theme without complaints goes."""
    numbers = complain(store, [Said(5, LATE[0]), Said(4, BALANCE[0])])
    Group(lambda: embedder, ZONE).run(store, NOW)
    with store.write() as conn:
        correct(conn, numbers[0], 1, FINE, "somebody", ZONE, NOW)
    complain(store, [Said(3, BALANCE[1])], first=5)
    Group(lambda: embedder, ZONE).run(store, NOW)
    with store.read() as conn:
        assert numbers[0] not in themes(store)
        assert conn.scalar(select(func.count()).select_from(THEME)) == 1


def test_a_deleted_mention_leaves_no_words_in_its_theme(store: Store, embedder: Embedder) -> None:
    """A theme's words come from the mentions that are there."""
    numbers = complain(store, [Said(5 - at, text) for at, text in enumerate(BALANCE)])
    Group(lambda: embedder, ZONE).run(store, NOW)
    (theme,) = set(themes(store).values())
    with store.write() as conn:
        conn.execute(MENTION.delete().where(MENTION.c.id == numbers[1]))
        assert BALANCE[1] not in [text for _, text in texts(conn, theme or 0, 9)]


def test_another_reader_keeps_the_numbers(store: Store, embedder: Embedder) -> None:
    """Centres that another reader made are made anew from the complaints themselves."""
    complain(store, [Said(5, BALANCE[0]), Said(4, BALANCE[1]), Said(3, LATE[0])])
    Group(lambda: embedder, ZONE).run(store, NOW)
    before = themes(store)
    other = Embedder(embedder.states, "reader-99", embedder.width)
    new = complain(store, [Said(2, BALANCE[2])], first=7)
    Group(lambda: other, ZONE).run(store, NOW)
    assert themes(store)[new[0]] == next(iter(before.values()))
    with store.read() as conn:
        assert set(conn.scalars(select(THEME.c.embedder))) == {other.name}


def test_single_complaints_are_forgotten_first(store: Store, embedder: Embedder) -> None:
    """Beyond the limit the themes of one complaint that were seen longest ago go, and their complaints stand alone."""
    complain(store, [Said(9, BALANCE[0]), Said(8, BALANCE[1]), Said(7, LATE[0]), Said(6, "toiletnya kotor sekali")])
    Group(lambda: embedder, ZONE).run(store, NOW)
    with store.write() as conn:
        forget(conn, 1, 2)
    found = list(themes(store).values())
    assert found.count(None) == 1
    assert len({one for one in found if one}) == 2


def test_old_complaints_are_left_alone(store: Store, embedder: Embedder) -> None:
    """What is older than eight weeks gets no theme, so that an archive does not delay today."""
    complain(store, [Said(60 * 1440, BALANCE[0])])
    assert Group(lambda: embedder, ZONE).run(store, NOW).seen == 0
    assert Group(lambda: embedder, ZONE).run(store, NOW - timedelta(days=30)).seen == 1
    assert np.isfinite(embedder.embed(BALANCE)).all()
