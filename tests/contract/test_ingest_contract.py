"""The collector of what other systems push keeps the promises of every collector."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import pytest
from collector_contract import CollectorContract
from pushing import item, own_calls, signed
from pydantic import SecretStr
from stored_contract import NOW, SECRET

from collectors._pushed import OversizedError, RefusedError, UnsignedError
from collectors.base import Caps, Receiver, Tools
from collectors.ingest import BATCH, Ingest, IngestOptions, published
from domain.errors import ConfigError
from domain.query import Query
from domain.records import Cursor, Page, Raw
from domain.vocabulary import Platform, Role

FULL = item(
    9,
    platform="sms",
    author={"id": "6281200000001", "role": "customer", "followers": 3},
    url="https://bantuan.example/1",
    parent="tiket-0",
    stars=2,
    branch="Cabang Kemang",
    brand="kopi",
    metrics={"observed_at": "2026-11-19T11:00:00Z", "likes": 0, "views": 7},
    reply={"text": "Maaf ya Kak, kami ganti.", "at": "2026-11-19T12:00:00+07:00"},
    edited_at="2026-11-19T10:30:00.250+07:00",
)
CALLS: Sequence[Any] = (
    [item(n) for n in range(4)],
    FULL,
    [item(2, text="Ralat: kopinya sudah diganti.", revision=1), {"id": "tiket-3", "deleted": True}],
    [item(n) for n in range(3, 6)],
)
ROOT = Path(__file__).parents[2]


class Posted(Ingest):
    """The collector, with a sender beside it that makes its calls when it is walked."""

    caps: ClassVar[Caps] = replace(Ingest.caps, pushed=False)

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield what becomes of each call."""
        return (receipt.page for receipt in own_calls(self, SECRET, CALLS, NOW))


class TestIngest(CollectorContract):
    """Four calls with items, an edit, a deletion and its late replay."""

    kind = Posted

    @pytest.fixture
    def options(self) -> Mapping[str, Any]:
        """Return the settings of a call centre."""
        return {"platform": "call_centre", "about": "kopi"}

    @pytest.fixture
    def recorded(self) -> Sequence[Raw]:
        """Return an item with every field there is."""
        return [json.loads(json.dumps(FULL))]

    test_ids_are_unique_and_stable = None  # Senders repeat items: the next test stands for it.

    def test_an_id_is_one_mention(self, make: Any, pages: list[Page]) -> None:
        """Whatever is sent again under an id is the same item."""
        seen = {(raw["id"], raw.get("revision"), raw.get("edited_at")): raw for page in pages for raw in page.raws}
        assert all(
            seen[raw["id"], raw.get("revision"), raw.get("edited_at")] == raw for page in pages for raw in page.raws
        )


def made(secret: str | None = SECRET, now: datetime = NOW, **options: Any) -> Ingest:
    """Return a collector with a secret."""
    tools = Tools(
        http=None,  # type: ignore[arg-type]  # It calls nobody.
        now=lambda: now,
        secret=lambda _: SecretStr(secret) if secret else None,
    )
    return Ingest(IngestOptions(**options), tools)


def refused(*items: Any) -> dict[int, str]:
    """Return what is wrong with which item of a call."""
    with pytest.raises(RefusedError) as caught:
        own_calls(made(), SECRET, [list(items)], NOW)
    return dict(caught.value.faults)


def test_every_field_reaches_the_mention() -> None:
    """What a sender tells stands in the mention, in UTC, and what it does not tell is None."""
    ((receipt),) = own_calls(made(), SECRET, [FULL], NOW)
    mention = made().map(receipt.page.raws[0])
    assert mention.model_dump(mode="json", exclude_none=True) == {
        "native_id": "tiket-9",
        "platform": "sms",
        "published_at": "2026-11-19T03:09:00Z",
        "text": FULL["text"],
        "url": "https://bantuan.example/1",
        "author": {"native_id": "6281200000001", "role": "customer", "followers": 3},
        "parent_id": "tiket-0",
        "revision": 1_795_059_000_250,
        "stars": 2,
        "metrics": {"observed_at": "2026-11-19T11:00:00Z", "likes": 0, "views": 7},
        "about": "kopi",
        "branch": "Cabang Kemang",
        "reply": {"text": "Maaf ya Kak, kami ganti.", "at": "2026-11-19T05:00:00Z"},
    }


def test_the_source_says_what_an_item_leaves_out() -> None:
    """Platform and brand are the source's where an item names none."""
    (receipt,) = own_calls(made(), SECRET, [item(1)], NOW)
    mention = made(platform="sms", about="kopi-kita").map(receipt.page.raws[0])
    assert (mention.platform, mention.about, mention.revision) == (Platform.SMS, "kopi-kita", 0)
    assert mention.author
    assert mention.author.role is Role.CUSTOMER


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"published_at": "2026-11-19T10:00:00"}, "published_at: Input should have timezone info"),
        ({"published_at": 1763600000}, "published_at: "),
        ({"published_at": "1763600000"}, "published_at: write the time as 2026-11-20T19:05:00+07:00"),
        ({"published_at": "0001-01-01T00:00:00+07:00"}, "published_at: "),
        ({"published_at": None}, "published_at: "),
        ({"text": ""}, "text: "),
        ({"text": " \u200f\n"}, "text: the text is empty"),
        ({"text": "a" * 25_001}, "text: "),
        ({"text": 7}, "text: Input should be a valid string"),
        ({"id": ""}, "id: "),
        ({"id": 12}, "id: Input should be a valid string"),
        ({"id": "\u0000"}, "native_id: "),
        ({"stars": 6}, "stars: "),
        ({"stars": True}, "stars: "),
        ({"stars": "5"}, "stars: "),
        ({"url": "javascript:alert(1)"}, "url: "),
        ({"platform": "friendster"}, "platform: "),
        ({"author": "Sari"}, "author: "),
        ({"author": {"id": "1", "name": "Sari"}}, "author.name: Extra inputs are not permitted"),
        ({"metrics": {"likes": 1}}, "metrics.observed_at: Field required"),
        ({"metrics": {"observed_at": "2026-11-19T11:00:00Z", "likes": -1}}, "metrics.likes: "),
        ({"revision": 2**63}, "revision: "),
        ({"revision": 1, "edited_at": "2026-11-19T11:00:00Z"}, "give edited_at or revision, not both"),
        ({"sentiment": "positive"}, "sentiment: Extra inputs are not permitted"),
        ({"deleted": True}, "published_at: Extra inputs are not permitted"),
        ({"deleted": 1}, "deleted: "),
    ],
)
def test_a_wrong_item_is_named_with_its_fault(wrong: dict[str, Any], why: str) -> None:
    """One wrong item refuses the call and is named by its place and fault, without what stood there."""
    faults = refused(item(1), {**item(2), **wrong}, item(3))
    assert list(faults) == [1]
    assert why in faults[1]
    assert "Sari" not in faults[1]


def test_every_wrong_item_is_named() -> None:
    """A call with several wrong items names them all, whatever they are."""
    assert list(refused(None, item(1), [], "x", {}, {"deleted": True})) == [0, 2, 3, 4, 5]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b"nul", b"[" * 100_000, b'{"text": "\\ud800"}'])
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    """A signed body that holds no items is refused in a sentence."""
    with pytest.raises(RefusedError, match=r"\.$"):
        made().receive(signed(SECRET, body, NOW), body)


def test_a_batch_has_a_limit() -> None:
    """A call with more items than fit is refused as too large, and one that just fits is taken."""
    assert own_calls(made(), SECRET, [[item(n) for n in range(BATCH)]], NOW)
    with pytest.raises(OversizedError, match="at most 500 items; this one has 501"):
        own_calls(made(), SECRET, [[item(n) for n in range(BATCH + 1)]], NOW)


@pytest.mark.parametrize("minutes", [-10, 10, -6, 6, 2_000_000])
def test_a_clock_that_is_off_is_told(minutes: int) -> None:
    """A call signed by a clock that is too far off is refused in a sentence that says so."""
    with pytest.raises(RefusedError, match=r"signed .* (ago|ahead) by our clock: set the sender's clock"):
        own_calls(made(), SECRET, [item(1)], NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize("off", [timedelta(minutes=-5), timedelta(minutes=5)])
def test_a_clock_that_is_a_little_off_does_no_harm(off: timedelta) -> None:
    """Within five minutes a call is taken."""
    assert own_calls(made(), SECRET, [item(1)], NOW + off)


def test_only_our_signature_opens() -> None:
    """Another secret, another time, another body, an upper-case or missing signature: none is let in."""
    body = json.dumps(item(1)).encode()
    good = signed(SECRET, body, NOW)["simak-signature"]
    stamp, digest = good.split(",")
    assert made().receive({"simak-signature": good}, body)
    two = f"{stamp},v1={'0' * 64},{digest}"
    assert made().receive({"simak-signature": two}, body), "while a secret is changed a sender signs with both"
    for wrong in ("", stamp, digest, f"t=1,{digest}", f"{stamp},v1={'0' * 64}", good.upper(), good + " ", "é" * 99):
        with pytest.raises(UnsignedError):
            made().receive({"simak-signature": wrong}, body)
    with pytest.raises(UnsignedError):
        made().receive({"simak-signature": good}, body + b" ")


@pytest.mark.parametrize("secret", [None, "terlalu-pendek"])
def test_a_weak_secret_is_told(secret: str | None) -> None:
    """A missing or short secret is told before anything is taken."""
    with pytest.raises(ConfigError, match=r"SIMAK_INGEST_SECRET is (not set|shorter than 16)"):
        made(secret).check()


def test_the_published_schema_says_what_is_taken() -> None:
    """What the schema allows is taken, and the file in the documentation is that schema."""
    schema = published()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    for call in CALLS:
        validator.validate(call)
    for wrong in ([], {"id": "1"}, item(1, sentiment="x"), item(1, stars=6), {"id": "1", "deleted": True, "text": "x"}):
        assert not validator.is_valid(wrong)
    assert json.loads((ROOT / "docs" / "ingest.schema.json").read_text(encoding="utf-8")) == schema


def test_it_is_a_receiver() -> None:
    """It says that it is called, has nothing to be asked for, and greets nobody."""
    assert isinstance(made(), Receiver)
    assert made().caps.pushed
    assert not list(made().pages(None, Cursor()))
    with pytest.raises(UnsignedError):
        made().greet({"hub.challenge": "1"})
