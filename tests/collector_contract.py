"""What every collector promises, as tests that its own test class inherits.

    class TestFeeds(HttpCollectorContract):
        kind = Feeds                                  # the class under test
        query = None                                  # or a domain.query.Query, when caps.searches

        @pytest.fixture
        def options(self, serve):                     # settings of a living source with two pages or more, if it pages
            return {"urls": [serve(my_source).url]}

        @pytest.fixture
        def recorded(self):                           # raw items beyond the source's: recorded and odd ones
            return []

        secret = "…"                                 # if the one secret has to look like a key of the source
        wrong = ({"urls": []},)                       # settings that check() refuses, if there are any
        def at(self, url): return {"urls": [url]}     # HttpCollectorContract only: settings that lead to an address

Inherit CollectorContract when the source is no HTTP server. ``tools`` hold the real guarded client, let in to
localhost, a clock that stands still and one secret for every name.
"""

import copy
import gzip
import json
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from typing import Any, ClassVar

import pytest
from loopback import Behaviour, Loopback, Reply
from pydantic import BaseModel, SecretStr, ValidationError
from stored_contract import NOW, StoredContract

from collectors._dial import guarded_dial
from collectors.base import Collector, Tools
from collectors.http import Limits, guarded
from collectors.runner import Delivery, understand
from domain.errors import ConfigError, PermanentError, RateLimitedError, SimakError, TransientError
from domain.query import Query
from domain.records import Cursor, Mention, Page, Raw

_SLOW = Limits(silence=0.4, total=1)
_THEIRS = timedelta(minutes=10)
_ODD: tuple[Any, ...] = (None, "", "\x00\ud800", [], {}, -1, 10**40, True, ["x"], {"id": {}})


def _by_clock(off: timedelta) -> Reply:
    """Return a refusal that names the time, by a clock that is off, when forty seconds will have passed."""
    date, until = (format_datetime(NOW + off + more, usegmt=True) for more in (timedelta(), timedelta(seconds=40)))
    return Reply(429, {"Date": date, "Retry-After": until})


Row = tuple[Reply, type[SimakError] | tuple[type[SimakError], ...]]
# What a source answers, and what a collector makes of it.
ERRORS: Mapping[str, Row] = {
    "400 is refused for good": (Reply(400), (PermanentError, ConfigError)),
    "401 is refused for good": (Reply(401), PermanentError),
    "403 is refused for good": (Reply(403), PermanentError),
    "404 is refused for good": (Reply(404), PermanentError),
    "410 is refused for good": (Reply(410), PermanentError),
    "429 waits": (Reply(429), RateLimitedError),
    "429 with Retry-After waits": (Reply(429, {"Retry-After": "40"}), RateLimitedError),
    "503 with Retry-After waits": (Reply(503, {"Retry-After": "40"}), RateLimitedError),
    "500 passes": (Reply(500), TransientError),
    "502 passes": (Reply(502, {}, b"<html>Bad gateway</html>"), TransientError),
    "503 passes": (Reply(503), TransientError),
    "429 by a clock that is ahead waits": (_by_clock(_THEIRS), RateLimitedError),
    "429 by a clock that is behind waits": (_by_clock(-_THEIRS), RateLimitedError),
    "an empty answer passes": (Reply(200), TransientError),
    "a web page passes": (Reply(200, {"Content-Type": "text/html"}, b"<html><body>Maaf</body></html>"), TransientError),
    "a cut-off gzip passes": (
        Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(b'{"data": []}' * 99)[:-9]),
        TransientError,
    ),
    "another charset passes": (Reply(200, {"Content-Type": "application/json"}, b'{"data": "\xe9"}'), TransientError),
    "a silence passes": (Reply(200, {}, b"{}", wait=0.7), TransientError),
    "a slow drip passes": (Reply(200, {}, b"{}" * 50, drip=0.05), TransientError),
    "a truncated answer passes": (Reply(200, {}, b"{", promised=100), TransientError),
    "a reset passes": (Reply(200, {}, b"{", promised=100, reset=True), TransientError),
    "a reset before the answer passes": (Reply(200, promised=10, reset=True), TransientError),
}


class CollectorContract(StoredContract):
    """The promises of a collector; see the top of this file."""

    kind: ClassVar[type[Collector]]
    query: ClassVar[Query | None] = None
    wrong: ClassVar[Sequence[Mapping[str, Any]]] = ()

    @pytest.fixture
    def options(self) -> Mapping[str, Any]:
        """Return the settings of a living source; the subclass says them."""
        raise NotImplementedError

    @pytest.fixture
    def recorded(self) -> Sequence[Raw]:
        """Return more raw items than the living source has."""
        return ()

    @pytest.fixture
    def tools(self) -> Iterator[Tools]:
        """Yield real tools with a clock that stands still."""
        limits = Limits(silence=5, total=20)
        with guarded(["localhost"], limits) as client:
            dial = guarded_dial(["localhost"], limits)
            yield Tools(http=client, now=lambda: NOW, secret=lambda _: SecretStr(self.secret), dial=dial)

    @pytest.fixture
    def make(self, options: Mapping[str, Any], tools: Tools) -> Callable[[], Collector]:
        """Return a function that makes a fresh collector, as a restarted process would."""
        return lambda: self.kind(self.kind.Options(**options), tools)

    @pytest.fixture
    def pages(self, make: Callable[[], Collector]) -> list[Page]:
        """Return the source's pages, walked once."""
        return list(make().pages(self.query, Cursor()))

    @pytest.fixture
    def raws(self, pages: list[Page], recorded: Sequence[Raw]) -> list[Raw]:
        """Return every raw item there is to map."""
        return [*(raw for page in pages for raw in page.raws), *recorded]

    def test_the_living_source_has_mentions(self, make: Callable[[], Collector], pages: list[Page]) -> None:
        """The source that this contract is tried on brings something to judge."""
        assert stored(make(), pages)

    def test_map_is_pure_and_total(self, make: Callable[[], Collector], tools: Tools, raws: list[Raw]) -> None:
        """Every raw item becomes a mention or is set aside, the same twice, unchanged, and without any network."""
        before = copy.deepcopy(raws)
        first = _mapped(make(), raws)
        tools.http.close()
        assert _mapped(make(), raws) == first
        assert raws == before
        assert len(first.items) + len(first.poisoned) == len(raws)

    def test_a_bad_item_poisons_only_itself(self, make: Callable[[], Collector], raws: list[Raw]) -> None:
        """Whatever stands in a field of one item, its neighbours on the page are understood as before."""
        collector = make()
        good = next(raw for raw in raws if _mapped(collector, [raw]).items)
        (_, expected), *_ = _mapped(collector, [good]).items
        for bad in _mutants(good):
            mentions = [mention for _, mention in _mapped(collector, [good, bad, good]).items]
            assert mentions[0] == mentions[-1] == expected

    def test_raw_items_survive_storage(self, make: Callable[[], Collector], raws: list[Raw]) -> None:
        """A raw item written as JSON and read again maps to the same, so that it can be mapped again later."""
        again = [json.loads(json.dumps(raw, allow_nan=False)) for raw in raws]
        assert _mentions(make(), again) == _mentions(make(), raws)

    def test_times_are_aware_utc(self, make: Callable[[], Collector], raws: list[Raw]) -> None:
        """Every time in a mention is in UTC and says so."""
        for mention in _mentions(make(), raws):
            assert mention.published_at.utcoffset() == timedelta(0)
            assert mention.metrics is None or mention.metrics.observed_at.utcoffset() == timedelta(0)

    def test_ids_are_unique_and_stable(self, make: Callable[[], Collector], pages: list[Page]) -> None:
        """An id stands for one revision of one text, and a second walk gives the same ids."""
        seen = [(mention.native_id, mention.revision) for mention in _mentions(make(), _raws(pages))]
        assert len(seen) == len(set(seen))
        again = list(make().pages(self.query, Cursor()))
        assert stored(make(), again).keys() == stored(make(), pages).keys()

    def test_a_replay_changes_nothing(self, make: Callable[[], Collector], pages: list[Page]) -> None:
        """Pages delivered twice store what they stored once."""
        assert stored(make(), [*pages, *pages]) == stored(make(), pages)

    def test_a_walk_resumes_after_every_page(self, make: Callable[[], Collector], pages: list[Page]) -> None:
        """A walk cut off after any page and resumed from its cursor brings the same mentions."""
        for cut in range(1, len(pages)):
            cursor = Cursor.model_validate_json(pages[cut - 1].cursor.model_dump_json())
            rest = list(make().pages(self.query, cursor))
            assert stored(make(), [*pages[:cut], *rest]) == stored(make(), pages)

    def test_a_finished_walk_brings_nothing_new(self, make: Callable[[], Collector], pages: list[Page]) -> None:
        """A walk from where the last one ended brings no mention that was not there."""
        rest = list(make().pages(self.query, pages[-1].cursor))
        assert stored(make(), rest).keys() <= stored(make(), pages).keys()

    def test_a_probe_says_that_the_source_answers(self, make: Callable[[], Collector]) -> None:
        """A living source is told in one sentence."""
        assert make().probe().endswith(".")

    def test_check_accepts_the_living_source(self, make: Callable[[], Collector]) -> None:
        """A collector that is set up well passes its own check."""
        make().check()

    def test_check_refuses_in_a_sentence(self, tools: Tools) -> None:
        """A collector that cannot work says so in one sentence before it is run."""
        for settings in self.wrong:
            with pytest.raises(ConfigError, match=r"^\S+( \S+){3,}.*[.…]$") as caught:
                self.kind(self.kind.Options(**settings), tools).check()
            assert self.secret not in _told(caught.value)

    def test_an_unknown_option_is_refused(self, options: Mapping[str, Any]) -> None:
        """A setting that is misspelt is an error, not ignored."""
        with pytest.raises(ValidationError, match="nonesuch"):
            self.kind.Options(**{**options, "nonesuch": 1})

    def test_every_option_is_described(self) -> None:
        """Each option, however deep, says in its description what it does."""
        assert not [name for name, field in _fields(self.kind.Options) if not field.description]

    def test_no_secret_is_handed_on(self, pages: list[Page]) -> None:
        """Neither a raw item nor a cursor holds the key."""
        assert self.secret not in json.dumps([page.model_dump(mode="json") for page in pages])


class HttpCollectorContract(CollectorContract):
    """The promises of a collector that calls an HTTP server."""

    def at(self, url: str) -> Mapping[str, Any]:
        """Return the settings that make the collector call that address."""
        raise NotImplementedError

    @pytest.mark.parametrize("row", ERRORS)
    def test_failures_are_classified(self, row: str, tools: Tools, serve: Callable[[Behaviour], Loopback]) -> None:
        """What a source answers becomes the error that says what to do next, in a sentence without the key."""
        reply, expected = ERRORS[row]
        server = serve(lambda _: reply)
        with guarded(["localhost"], _SLOW) as client:
            collector = self.kind(self.kind.Options(**self.at(server.url)), replace(tools, http=client))
            with pytest.raises(expected) as caught:
                list(collector.pages(self.query, Cursor()))
        assert str(caught.value).endswith((".", "”"))
        assert self.secret not in _told(caught.value)
        if isinstance(caught.value, RateLimitedError):
            assert caught.value.until - NOW == timedelta(seconds=40 if "Retry-After" in reply.headers else 60)

    @pytest.mark.parametrize("row", ERRORS)
    def test_a_probe_fails_alike(self, row: str, tools: Tools, serve: Callable[[Behaviour], Loopback]) -> None:
        """What a probe meets becomes the same kind of error, in a sentence without the key."""
        reply, expected = ERRORS[row]
        server = serve(lambda _: reply)
        with guarded(["localhost"], _SLOW) as client:
            collector = self.kind(self.kind.Options(**self.at(server.url)), replace(tools, http=client))
            with pytest.raises(expected) as caught:
                collector.probe()
        assert str(caught.value).endswith((".", "”"))
        assert self.secret not in _told(caught.value)

    def test_a_private_address_is_refused(self, serve: Callable[[Behaviour], Loopback]) -> None:
        """A source that leads to an address inside is not called, and the error says how to allow it."""
        server = serve(lambda _: Reply())
        with guarded() as client:
            tools = Tools(http=client, now=lambda: NOW, secret=lambda _: SecretStr(self.secret))
            collector = self.kind(self.kind.Options(**self.at(server.url)), tools)
            with pytest.raises(ConfigError, match="allow_private"):
                list(collector.pages(self.query, Cursor()))
        assert not server.asked


def stored(collector: Collector, pages: Iterable[Page]) -> dict[str, Mention]:
    """Return what a store holds after the pages: the newest revision of every mention, less what is gone."""
    held: dict[str, Mention] = {}
    for page in pages:
        for mention in _mentions(collector, page.raws):
            if mention.native_id not in held or held[mention.native_id].revision <= mention.revision:
                held[mention.native_id] = mention
        for native_id in page.gone:
            held.pop(native_id, None)
    return held


def _mapped(collector: Collector, raws: Iterable[Raw]) -> Delivery:
    return understand(collector, Page.model_construct(raws=tuple(raws)))


def _mentions(collector: Collector, raws: Iterable[Raw]) -> list[Mention]:
    return [mention for _, mention in _mapped(collector, raws).items]


def _raws(pages: Iterable[Page]) -> list[Raw]:
    return [raw for page in pages for raw in page.raws]


def _mutants(raw: Raw) -> Iterator[Raw]:
    """Yield copies of an item in which one value, at any depth, is missing or of another kind."""
    for path in _paths(raw):
        for odd in (..., *_ODD):
            mutant = copy.deepcopy(dict(raw))
            *parents, last = path
            holder: Any = mutant
            for key in parents:
                holder = holder[key]
            if odd is ...:
                del holder[last]
            else:
                holder[last] = odd
            yield mutant


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for key, part in pairs:
        yield (*path, key)
        yield from _paths(part, (*path, key))


def _fields(model: type[BaseModel]) -> Iterator[tuple[str, Any]]:
    for name, field in model.model_fields.items():
        yield f"{model.__name__}.{name}", field
        kind = field.annotation
        for part in (kind, *getattr(kind, "__args__", ())):
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from _fields(part)


def _told(error: BaseException) -> str:
    """Return all that a log could show of an error."""
    return "".join(traceback.format_exception(error)) + repr(error)
