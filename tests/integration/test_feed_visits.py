"""How feeds are visited, against a real server."""

import gzip
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from loopback import Asked, Behaviour, Loopback, Reply

from collectors.base import Tools
from collectors.feeds import FeedOptions, Feeds
from collectors.http import Limits, guarded
from collectors.runner import understand
from domain.errors import ConfigError, PermanentError, SimakError, TransientError
from domain.records import Cursor, Mention, Page
from domain.vocabulary import Platform, Role

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DATED = "<pubDate>Sat, 23 Nov 2024 14:05:00 +0700</pubDate>"
Serve = Callable[[Behaviour], Loopback]


def item(guid: str = "", link: str = "", title: str = "Judul", date: str = DATED) -> str:
    """Return an RSS item."""
    parts = (f"<guid>{guid}</guid>" if guid else "", f"<link>{link}</link>" if link else "", f"<title>{title}</title>")
    return f"<item>{''.join(parts)}{date}</item>"


def rss(*items: str, head: str = "") -> bytes:
    """Return an RSS feed."""
    body = f"<channel><title>Koran</title>{head}{''.join(items)}</channel>"
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0">{body}</rss>'.encode()


@pytest.fixture
def tools() -> Iterator[Tools]:
    """Yield real tools let in to localhost, at a clock that stands still."""
    with guarded(["localhost"], Limits(silence=5, total=20)) as client:
        yield Tools(http=client, now=lambda: NOW, secret=lambda _: None)


class Visitor:
    """Visits feeds again and again, as the runner does: each page's cursor is where the next visit begins."""

    def __init__(self, tools: Tools, *urls: str, platform: Platform = Platform.NEWS) -> None:
        """Begin at the beginning."""
        self.feeds = Feeds(FeedOptions(urls=urls, platform=platform), tools)
        self.cursor = Cursor()
        self.pages: list[Page] = []

    def visit(self) -> list[Mention]:
        """Return the mentions of one visit; raises what the collector raises, with the pages before it kept."""
        mentions: list[Mention] = []
        for page in self.feeds.pages(None, self.cursor):
            self.pages.append(page)
            self.cursor = page.cursor
            mentions += [mention for _, mention in understand(self.feeds, page).items]
        return mentions

    def states(self) -> dict[str, dict[str, str]]:
        """Return what is remembered of each address."""
        states: dict[str, dict[str, str]] = json.loads(self.cursor.floor or "{}")
        return states


def test_only_a_changed_feed_is_sent_again(serve: Serve, tools: Tools) -> None:
    """The second visit carries both validators, and "not modified" brings nothing and keeps them."""
    validators = {"ETag": '"v1"', "Last-Modified": "Sat, 23 Nov 2024 07:05:00 GMT"}

    def answer(asked: Asked) -> Reply:
        return Reply(304) if "if-none-match" in asked.headers else Reply(200, validators, rss(item("a")))

    server = serve(answer)
    visitor = Visitor(tools, server.url)
    assert [len(visitor.visit()) for _ in range(3)] == [1, 0, 0]
    assert server.asked[2].headers["if-none-match"] == '"v1"'
    assert server.asked[2].headers["if-modified-since"] == "Sat, 23 Nov 2024 07:05:00 GMT"


def test_a_permanent_move_is_remembered_and_a_passing_one_is_not(serve: Serve, tools: Tools) -> None:
    """After a 301 the new address is asked at once; after a 302 the old one is asked again."""

    def answer(asked: Asked) -> Reply:
        moves = {"/lama": Reply(301, {"Location": "/baru"}), "/sementara": Reply(302, {"Location": "/baru"})}
        return moves.get(asked.path, Reply(200, {"ETag": '"v1"'}, rss(item("a"))))

    server = serve(answer)
    for path, expected in (("/lama", "/baru"), ("/sementara", "/sementara")):
        visitor = Visitor(tools, server.url + path)
        visitor.visit()
        asked = len(server.asked)
        visitor.visit()
        assert server.asked[asked].path == expected
        assert server.asked[asked].headers["if-none-match"] == '"v1"'


def test_a_failing_feed_does_not_keep_the_others_from_being_read(serve: Serve, tools: Tools) -> None:
    """Every other feed is delivered before the error is raised, and the error that passes comes first."""
    replies = {"/tutup": Reply(410), "/rusak": Reply(500), "/baik": Reply(200, {}, rss(item("a")))}
    server = serve(lambda asked: replies[asked.path])
    visitor = Visitor(tools, *(server.url + path for path in replies))
    with pytest.raises(TransientError, match="fault of its own"):
        visitor.visit()
    assert [len(page.raws) for page in visitor.pages] == [1]
    replies["/rusak"] = Reply(200, {}, rss())
    with pytest.raises(PermanentError, match="for good"):
        visitor.visit()


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (
            Reply(200, {"Content-Type": "text/html"}, b"<!DOCTYPE html><title>Masuk</title><p>Login"),
            "a web page, not a feed",
        ),
        (Reply(200, {}, b"\n<html><body>captive portal"), "a web page, not a feed"),
        (Reply(200, {"Content-Type": "application/json"}, b'{"error": true}'), "not a feed"),
        (Reply(200, {}, b""), "not a feed"),
        (Reply(200, {}, b"/etc/hostname"), "not a feed"),
    ],
)
def test_what_is_no_feed_is_an_error_that_passes(serve: Serve, tools: Tools, reply: Reply, says: str) -> None:
    """A login page, an empty body or the name of a file in place of a feed is said, and nothing is remembered of it."""
    visitor = Visitor(tools, serve(lambda _: reply).url)
    with pytest.raises(TransientError, match=says):
        visitor.visit()
    assert visitor.cursor == Cursor()


def test_a_feed_that_breaks_off_gives_what_it_has(serve: Serve, tools: Tools) -> None:
    """The whole entries of a truncated feed are used, and it is asked for in full the next time."""
    whole = rss(item("a", title="Satu"), item("b", title="Dua"), item("c", title="Tiga"))
    replies = [Reply(200, {"ETag": '"x"'}, whole[: whole.index(b"Tiga")]), Reply(200, {"ETag": '"x"'}, whole)]
    server = serve(lambda _: replies[min(len(server.asked), 2) - 1])
    visitor = Visitor(tools, server.url)
    assert {"Satu", "Dua"} <= {mention.text for mention in visitor.visit()}
    assert "if-none-match" not in server.asked[-1].headers
    assert [mention.text for mention in visitor.visit()] == ["Satu", "Dua", "Tiga"]
    assert "if-none-match" not in server.asked[-1].headers


def test_entries_without_a_date_take_the_best_there_is(serve: Serve, tools: Tools) -> None:
    """An undated entry is dated by its feed, else by the server, else by the visit, and the raw item says which."""
    head = "<lastBuildDate>Fri, 22 Nov 2024 00:00:00 GMT</lastBuildDate>"
    date = {"Date": "Sat, 23 Nov 2024 00:00:00 GMT"}
    replies = {
        "feed": Reply(200, date, rss(item("a", date=""), head=head)),
        "server": Reply(200, date, rss(item("a", date=""))),
        "visit": Reply(200, {}, rss(item("a", date="<pubDate>besok</pubDate>"))),
    }
    server = serve(lambda asked: replies[asked.path[1:]])
    expected = {"feed": datetime(2024, 11, 22, tzinfo=UTC), "server": datetime(2024, 11, 23, tzinfo=UTC), "visit": NOW}
    for dated_by, moment in expected.items():
        visitor = Visitor(tools, f"{server.url}/{dated_by}")
        assert [mention.published_at for mention in visitor.visit()] == [moment]
        assert visitor.pages[0].raws[0]["dated_by"] == dated_by


@pytest.mark.parametrize(
    ("written", "day"),
    [("Sab, 23 Agu 2024 14:05:00 +0700", 23), ("Rabu, 25 Desember 2024 06:00 WIB", 24), ("23/11/2024 14.05", 23)],
)
def test_indonesian_dates_in_feeds_are_read(serve: Serve, tools: Tools, written: str, day: int) -> None:
    """A date that only an Indonesian site would write is read, not replaced by the day of the visit."""
    server = serve(lambda _: Reply(200, {}, rss(item("a", date=f"<pubDate>{written}</pubDate>"))))
    (mention,) = Visitor(tools, server.url).visit()
    assert (mention.published_at.year, mention.published_at.day) == (2024, day)


def test_guids_that_repeat_are_not_believed(serve: Serve, tools: Tools) -> None:
    """Entries under one guid stay apart by their address, and the feed's guids are not used on later visits either."""
    shown = [item("1", "https://k.example/a", "Satu"), item("1", "https://k.example/b", "Dua")]
    server = serve(lambda _: Reply(200, {}, rss(*shown)))
    visitor = Visitor(tools, server.url)
    first = {mention.native_id for mention in visitor.visit()}
    assert first == {"https://k.example/a", "https://k.example/b"}
    shown.pop()
    assert {mention.native_id for mention in visitor.visit()} == {"https://k.example/a"}


def test_links_that_all_lead_home_are_not_ids(serve: Serve, tools: Tools) -> None:
    """Entries without guids that share one address are told apart by what they say."""
    shown = [item("", "https://k.example/", title) for title in ("Satu", "Dua")]
    visitor = Visitor(tools, serve(lambda _: Reply(200, {}, rss(*shown))).url)
    assert len({mention.native_id for mention in visitor.visit()}) == 2


def test_an_edit_is_a_later_revision_of_the_same_mention(serve: Serve, tools: Tools) -> None:
    """An Atom entry with a new update time keeps its id and raises its revision."""
    entry = "<entry><id>urn:x:1</id><title>{}</title><updated>2024-11-{}T00:00:00Z</updated>"
    entry += "<published>2024-11-01T00:00:00Z</published></entry>"
    versions = iter([("Lama", "23"), ("Baru", "24")])

    def answer(_: Asked) -> Reply:
        return Reply(
            200, {}, f'<feed xmlns="http://www.w3.org/2005/Atom">{entry.format(*next(versions))}</feed>'.encode()
        )

    visitor = Visitor(tools, serve(answer).url)
    (old,), (new,) = visitor.visit(), visitor.visit()
    assert (
        (old.native_id, old.published_at)
        == (new.native_id, new.published_at)
        == ("urn:x:1", datetime(2024, 11, 1, tzinfo=UTC))
    )
    assert new.revision - old.revision == 86_400


def test_compressed_and_misdeclared_feeds_are_read(serve: Serve, tools: Tools) -> None:
    """A gzip body and a header that names the wrong encoding give the same text."""
    body = rss(item("a", title="Kafé – “kopi”"))
    replies = {
        "/gzip": Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(body)),
        "/ascii": Reply(200, {"Content-Type": "text/xml; charset=us-ascii"}, body),
    }
    server = serve(lambda asked: replies[asked.path])
    for path in replies:
        assert [mention.text for mention in Visitor(tools, server.url + path).visit()] == ["Kafé – “kopi”"]


def test_relative_links_lead_to_the_feeds_own_site(serve: Serve, tools: Tools) -> None:
    """A link without a host is completed by the address that the feed came from."""
    server = serve(lambda _: Reply(200, {}, rss(item("a", "/kopi/1?utm_source=rss"))))
    assert [mention.url for mention in Visitor(tools, f"{server.url}/rss/feed").visit()] == [f"{server.url}/kopi/1"]


def test_a_forum_letter_is_a_customers(serve: Serve, tools: Tools) -> None:
    """In a forum the writer is a customer and the body an extract; no more of the article is kept, raw or mapped."""
    article = "<p>Saya kecewa.</p>" + "<p>panjang sekali ceritanya</p>" * 500
    said = f"<title>Paket hilang</title><author>Ani</author><description><![CDATA[{article}]]></description>"
    entry = f"<item><guid>1</guid>{said}{DATED}</item>"
    visitor = Visitor(tools, serve(lambda _: Reply(200, {}, rss(entry))).url, platform=Platform.FORUM)
    (mention,) = visitor.visit()
    assert mention.author is not None
    assert (mention.platform, mention.author.role) == (Platform.FORUM, Role.CUSTOMER)
    assert mention.text.startswith("Paket hilang\nSaya kecewa.\npanjang")
    assert len(mention.text) <= 1_000
    assert len(json.dumps(visitor.pages[0].raws[0])) < 2_000


def test_a_list_without_end_is_cut_and_said(serve: Serve, tools: Tools) -> None:
    """Of a feed with thousands of entries the first thousand are read, and the page says that there were more."""
    body = rss(*(item(f"n{number}") for number in range(1_200)))
    visitor = Visitor(tools, serve(lambda _: Reply(200, {}, body)).url)
    assert len(visitor.visit()) == 1_000
    assert visitor.pages[0].gap
    assert visitor.pages[0].gap.why == "localhost lists more than 1000 entries; the others were not read."


def test_what_a_feed_may_have_dropped_between_two_visits_is_a_gap(serve: Serve, tools: Tools) -> None:
    """A list that no longer reaches back to the last visit leaves a gap with its bounds; one that does leaves none."""
    lists = [["09"], ["09", "10"], ["12", "13"], ["12", "13"], []]

    def answer(asked: Asked) -> Reply:
        dates = [f"<pubDate>Sat, 23 Nov 2024 {hour}:00:00 +0000</pubDate>" for hour in lists.pop(0)]
        return Reply(200, {}, rss(*(item(date, date=date) for date in dates), item("tanpa-tanggal", date="")))

    visitor = Visitor(tools, serve(answer).url)
    for _ in range(5):
        visitor.visit()
    gaps = [page.gap for page in visitor.pages]
    assert [gap is not None for gap in gaps] == [False, False, True, False, False]
    assert gaps[2]
    assert (gaps[2].since, gaps[2].until) == (
        datetime(2024, 11, 23, 10, tzinfo=UTC),
        datetime(2024, 11, 23, 12, tzinfo=UTC),
    )


def test_a_feed_inside_is_refused(serve: Serve) -> None:
    """A feed that moves to a private address is not followed there."""
    server = serve(lambda _: Reply(200, {}, rss(item("a"))))
    with guarded() as client, pytest.raises(ConfigError, match="allow_private"):
        Visitor(Tools(http=client, now=lambda: NOW, secret=lambda _: None), server.url).visit()


_SAID = re.compile(rb"<(?:entry|item)\b.*?<(?:\w+:)?(?:title|summary|description)\b[^>]*>\s*[^<\s]", re.DOTALL)
# One holds a tag that is none, one a picture: a reader sees nothing of them.
_UNSEEN = ["wellformed/rss/item_description_not_a_doctype.xml", "wellformed/sanitize/item_description_onclick.xml"]


def recorded(path: Path) -> Reply:
    """Return the answer that a recorded feed stands for: its first comment states the headers."""
    body = path.read_bytes()
    found = re.findall(rb"Header:\s+([\w-]+):\s*(.+)", body[:2_000])
    headers = {name.decode(): value.decode("latin-1").strip() for name, value in found}
    coding = {".gz": {"Content-Encoding": "gzip"}, ".z": {"Content-Encoding": "deflate"}}.get(path.suffix, {})
    status = int(headers.pop("Status", "200"))
    headers.pop("Location", None)
    return Reply(status, {"Content-Type": "application/xml"} | coding | headers, body)


def test_every_recorded_feed_is_read_or_refused(shared: Path, serve: Serve, tools: Tools) -> None:
    """Over hundreds of odd feeds nothing is raised but errors of ours, and the whole ones yield what they say."""
    root = shared / "fixtures" / "feeds"
    files = [path for path in sorted(root.rglob("*")) if path.is_file() and path.name != "LICENSE"]
    assert len(files) > 400
    server = serve(lambda asked: recorded(root / asked.path.lstrip("/")))
    refused, silent = [], []
    for path in files:
        name = path.relative_to(root).as_posix()
        visitor = Visitor(tools, f"{server.url}/{name}")
        try:
            mentions = visitor.visit()
        except SimakError:
            refused.append(name)
            continue
        said = _SAID.search(re.sub(rb"<source>.*?</source>", b"", path.read_bytes(), flags=re.DOTALL))
        if name.startswith("wellformed/") and said and not mentions:
            silent.append(name)
    assert not [name for name in refused if name.startswith(("wellformed/", "encoding/", "entities/"))]
    assert len(refused) <= 6
    assert silent == _UNSEEN
