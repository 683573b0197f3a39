"""A mention that concerns two brands is read toward each, and a new reader takes over without a gap."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from domain.records import Labels, Mention, Reading
from domain.vocabulary import Abstention, Impression, Journey, Platform, Stage
from nlp.classifier import Classifier, load
from simak.house import House, open_house
from simak.importing import options_from, stage
from simak.pipeline import Read
from simak.settings import Home, Secrets
from simak.settings import read as settings
from simak.standing import as_text, standing
from store.engine import Store
from store.labels import Unread, correct, save_readings, unread
from store.place import Place
from store.queries import health, inbox
from store.state import BrandSetting, hold_to_reader, sync_brands
from store.tables import BRAND_MENTION, READING
from store.writes import Arrival, save_mentions

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
ZONE = "Asia/Jakarta"
OK = Labels(
    impression=Impression.OK, complaint=False, stage=Stage.ACT, touchpoints=(), journey=Journey.NONE, use_gap=False
)


def arrive(store: Store, *days: int, brands: tuple[int, ...] = (1, 2)) -> None:
    """Store a mention that was published so many days ago for each of ``days``, named by them."""
    keys = ("senja", "fajar")
    mentions = (
        Mention(native_id=str(ago), platform=Platform.X, published_at=NOW - timedelta(days=ago), text=f"senja {ago}")
        for ago in days
    )
    with store.write() as conn:
        sync_brands(conn, [BrandSetting(key, key, own=True, expression=key, exclusions={}) for key in keys], NOW)
        arrivals = [Arrival({}, mention, brands) for mention in mentions]
        save_mentions(conn, store.names, Place("x", "all", ZONE, NOW), arrivals)


def reading(impression: Impression | None, **other: float | str) -> Reading:
    return Reading.model_validate({"impression": impression, "probabilities": dict.fromkeys(Impression, 0.2)} | other)


def save(store: Store, version: str, *read: tuple[Unread, Reading]) -> int:
    with store.write() as conn:
        hold_to_reader(conn, version, NOW)
        return save_readings(conn, version, read, ZONE, NOW)


def waiting(store: Store, version: str, limit: int = 99) -> list[Unread]:
    with store.read() as conn:
        return unread(conn, version, limit)


def listed(store: Store, brand_id: int) -> list[inbox.Listing]:
    with store.read() as conn:
        return inbox.mentions(conn, brand_id, inbox.matching(conn, inbox.Filter(brand_id)))


def said(store: Store, brand_id: int) -> list[tuple[Impression | None, float | None]]:
    return [(one.impression, one.confidence) for one in listed(store, brand_id)]


def test_each_brand_gets_its_reading(store: Store) -> None:
    """Of two readings of a mention each is in force for its brand alone, and shown with its own probabilities."""
    arrive(store, 1)
    senja, fajar = waiting(store, "v1")
    assert (senja.brand_id, fajar.brand_id) == (1, 2)
    save(store, "v1", (senja, reading(Impression.WOW, complaint=0.1, arousal=0.2, off_topic=0.1)))
    assert waiting(store, "v1") == [fajar]
    assert [one.impression for one in listed(store, 2)] == [None]
    save(store, "v1", (fajar, reading(Impression.BOO, complaint=0.9, arousal=0.8, off_topic=0.5)))
    found = [(one.impression, one.complaint, one.arousal, one.off_topic) for n in (1, 2) for one in listed(store, n)]
    assert found == [(Impression.WOW, False, 0.2, False), (Impression.BOO, True, 0.8, True)]
    with store.read() as conn:
        kept = conn.execute(select(READING.c.brand_id, READING.c.off_topic).order_by(READING.c.brand_id)).all()
    assert kept == [(1, 0.1), (2, 0.5)]


def test_a_correction_toward_one_brand_leaves_the_other(store: Store) -> None:
    """What a person corrected toward a brand stands there; the other brand follows the reader."""
    arrive(store, 1)
    with store.write() as conn:
        correct(conn, 1, 2, OK, "dashboard", ZONE, NOW)
    assert save(store, "v1", *((one, reading(Impression.BOO)) for one in waiting(store, "v1"))) == 2
    assert [listed(store, n)[0].impression for n in (1, 2)] == [Impression.BOO, Impression.OK]
    assert waiting(store, "v1") == []


def test_a_brand_that_an_edit_took_out_gets_no_reading(store: Store) -> None:
    """A reading toward a brand that its mention left meanwhile is dropped; the other one is kept."""
    arrive(store, 1)
    both = waiting(store, "v1")
    with store.write() as conn:
        conn.execute(BRAND_MENTION.delete().where(BRAND_MENTION.c.brand_id == 2))
    assert save(store, "v1", *((one, reading(Impression.AHA)) for one in both)) == 1
    with store.read() as conn:
        assert conn.scalars(select(READING.c.brand_id)).all() == [1]


def test_what_is_off_topic_is_found_and_still_counted(store: Store) -> None:
    """The filter lets through what is more likely off topic than not; without it all is listed."""
    arrive(store, 1, 2, 3, brands=(1,))
    odds = {1: 0.5, 2: 0.49, 3: 0.9}
    save(store, "v1", *((one, reading(None, off_topic=odds[int(one.text[-1])])) for one in waiting(store, "v1")))
    with store.read() as conn:
        found = [len(inbox.matching(conn, inbox.Filter(1, off_topic=asked))) for asked in (True, False)]
    assert found == [2, 3]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (reading(None, language="id"), Abstention.UNSURE),
        (Reading(language="es"), Abstention.LANGUAGE),
        (Reading(), Abstention.NOTHING),
        (reading(Impression.OK), None),
    ],
)
def test_why_a_mention_is_not_scored(store: Store, said: Reading, why: Abstention | None) -> None:
    """An unsure reader, a language that is not covered and a text without words are told apart."""
    arrive(store, 1)
    assert listed(store, 1)[0].abstention is None
    save(store, "v1", *((one, said) for one in waiting(store, "v1")))
    assert listed(store, 1)[0].abstention is why


def test_the_newest_mentions_come_first(store: Store) -> None:
    """What nobody has read comes before what earlier readers have, and of both the newest first, in any limit."""
    arrive(store, 5, 2, 9, 4, 7, brands=(1,))
    ago = {one.text: one for one in waiting(store, "v1")}
    assert list(ago) == ["senja 2", "senja 4", "senja 5", "senja 7", "senja 9"]
    save(store, "v1", *((ago[f"senja {n}"], reading(Impression.OK)) for n in (2, 5)))
    save(store, "v3", (ago["senja 4"], reading(Impression.OK)))
    wanted = [f"senja {n}" for n in (7, 9, 2, 4, 5)]
    for limit in range(1, 7):
        assert [one.text for one in waiting(store, "v2", limit)] == wanted[:limit]


def test_what_waits_is_told(store: Store) -> None:
    """Unread and outdated are told apart, and a second reading by the first version is none of either."""
    arrive(store, 1, 2)
    with store.read() as conn:
        assert (health.standing(conn).unread, health.standing(conn).outdated) == (4, 0)
    for version, outdated in (("v2", [3, 2, 1, 0]), ("v1", [3, 2, 1, 0]), ("v3", [3, 2, 1, 0])):
        found = []
        for one in waiting(store, version):
            save(store, version, (one, reading(Impression.OK)))
            with store.read() as conn:
                now = health.standing(conn)
            found.append(now.unread + now.outdated)
        assert found == outdated


SETTINGS = """
[[brands]]
key = "kita"
name = "Kopi Kita"
role = "own"
aliases = ["@kopikita"]
query = "kopi AND kita"
[[brands]]
key = "rival"
name = "Rival"
role = "competitor"
aliases = ["rival"]
"""
TEXTS = (
    "Kopi Kita jauh lebih enak dari Rival, yang itu parah banget",
    "Rival Kopi pelayanannya cepat, mantap",
    "kopi kita dingin, kecewa sama pelayanannya",
)


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """Return a workspace of two brands into which three texts were imported, not read yet."""
    secrets = Secrets(_env_file=None, database_url=database_url, pseudonym_key="a key for the tests only")
    home = Home(tmp_path, settings(SETTINGS, "simak.toml"), secrets, sample=False)
    rows = ({"id": n, "text": text, "tanggal": f"2026-11-{n + 10}"} for n, text in enumerate(TEXTS))
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with open_house(home) as opened:
        stage(opened, options_from(home, None, by_query=True, given={"paths": (tmp_path / "in.jsonl",)})).run(
            opened.store, NOW
        )
        yield opened


def read_stage(house: House) -> Read:
    return next(one for one in house.stages(()) if isinstance(one, Read))


@pytest.fixture
def bundled() -> Classifier:
    return load()


def test_the_reader_is_told_the_brands_names(house: House, bundled: Classifier) -> None:
    """Each reading is the one that the reader gives when it is asked about that brand by name and aliases."""
    names = {house.ids["kita"]: ("Kopi Kita", "@kopikita"), house.ids["rival"]: ("Rival", "rival")}
    asked = waiting(house.store, bundled.version)
    outcome = read_stage(house).run(house.store, NOW)
    assert (outcome.seen, outcome.written) == (4, 4)
    texts = [one.text for one in asked]
    expected = bundled.read(texts, [names[one.brand_id] for one in asked])
    columns = (READING.c.mention_id, READING.c.brand_id, READING.c.probabilities, READING.c.off_topic)
    with house.store.read() as conn:
        kept = {(row.mention_id, row.brand_id): row[2:] for row in conn.execute(select(*columns))}
    assert [kept[one.mention_id, one.brand_id] for one in asked] == [
        (direct.probabilities, direct.off_topic) for direct in expected
    ]
    assert expected != bundled.read(texts)


def test_a_new_version_reads_on_while_the_labels_stay(
    house: House, bundled: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a new version works through what is there, every mention keeps its labels and status says what waits."""
    read_stage(house).run(house.store, NOW)
    before = {brand_id: said(house.store, brand_id) for brand_id in (1, 2)}
    assert any(sure for _, sure in before[1] + before[2])
    bundled.version = "another+version"
    monkeypatch.setattr("simak.pipeline.READ_BATCH", 1)
    seen: list[tuple[int, str]] = []

    def look(_: int) -> None:
        assert {brand_id: said(house.store, brand_id) for brand_id in before} == before
        found = standing(house)
        seen.append((found["outdated"], as_text(found).splitlines()[1]))

    Read(lambda: bundled, read_stage(house).names, ZONE, progress=look).run(house.store, NOW)
    assert [count for count, _ in seen] == [3, 2, 1, 0]
    assert seen[0][1].endswith("(0 wait for the reader, 3 to be read again)")
    assert seen[-1][1].endswith("(0 wait for the reader)")
    with house.store.read() as conn:
        assert len(conn.execute(select(READING.c.version)).all()) == 8
