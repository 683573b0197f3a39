"""The words and the pure rules."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.advocacy import (
    TOO_FEW,
    Tally,
    brand_advocacy_ratio,
    impression_mean,
    net_advocacy,
    purchase_action_ratio,
    share,
    silent_loss,
    strongest,
    warning_ratio,
    wilson,
)
from domain.clock import Grain, edges, next_period, period_start
from domain.errors import ConfigError
from domain.query import Query, parse
from domain.records import Cursor, Mention, Metrics
from domain.text import TEXT_LENGTH, fold, gate, gate_url
from domain.vocabulary import Impression, Journey, Platform, Role, Stage, TouchPoint

JAKARTA = "Asia/Jakarta"


def tally(boo: int = 0, arrgh: int = 0, ok: int = 0, aha: int = 0, wow: int = 0) -> Tally:
    return Tally(dict(zip(Impression, (boo, arrgh, ok, aha, wow), strict=True)), {})


@pytest.mark.parametrize("vocabulary", [Impression, Stage, TouchPoint, Journey, Platform, Role])
def test_every_word_is_explained(vocabulary: type) -> None:
    """Each word of the vocabulary has a label in both languages and a definition."""
    assert all(word.label("id") and word.label("en") and word.definition for word in vocabulary)


def test_impressions_are_ordered() -> None:
    """Levels run from -2 (Boo) to +2 (WOW) and lead back to their impression."""
    assert [word.level for word in Impression] == [-2, -1, 0, 1, 2]
    assert [Impression.of_level(word.level) for word in Impression] == list(Impression)


@given(st.text(st.characters(), max_size=400))
def test_what_passes_the_gate_can_be_stored(value: str) -> None:
    """Any text leaves the gate encodable, in NFC, without NUL or bidi controls, and passes it unchanged again."""
    passed = gate(value)
    passed.encode("utf-8")
    assert not set("\x00\u202e\u2066\ud800") & set(passed)
    assert gate(passed) == passed


def test_the_gate_joins_split_emoji_and_cuts_long_texts() -> None:
    """Surrogate halves become the emoji that they were, and ten megabytes become one mention's length."""
    assert gate("\ud83d\ude21 kesal") == "😡 kesal"
    assert gate("a" * 10_000_000) == "a" * (TEXT_LENGTH - 1) + "…"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://example.com/a?b=1", True),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https://exa mple.com", False),
        ("http://[::1", False),
        ('https://example.com/"><script>', False),
    ],
)
def test_only_web_addresses_pass(address: str, kept: bool) -> None:
    """Only http and https addresses that break out of nothing are kept."""
    assert (gate_url(address) is not None) == kept


@pytest.mark.parametrize(
    ("expression", "text", "matches"),
    [
        ("kopi AND senja", "Senja ini enaknya KOPI", True),
        ("kopi senja", "kopi saja", False),
        ('"kopi senja"', "Kopi  \n Senja", True),
        ('"kopi senja" OR @kopisenja', "cc @KopiSenja", True),
        ("kopi -lagu", "lagu kopi dangdut", False),
        ("kopi NOT (lagu OR puisi)", "puisi kopi", False),
        ("senja", "senjata", False),
        ("senja*", "senjata", True),
        ("kopi (susu OR aren)", "es kopi aren", True),
        ("＃kopi", "#kopi pagi", True),
    ],
)
def test_queries_match(expression: str, text: str, matches: bool) -> None:
    """A query matches whole words whatever their case, width and spacing, and its exclusions win."""
    assert Query("k", parse(expression)).matches(fold(text)) == matches


@pytest.mark.parametrize(
    "wrong", ["", "kopi AND", "(kopi", "kopi)", '"kopi', '""', "OR kopi", "-kopi", "NOT kopi", "#"]
)
def test_wrong_queries_are_explained(wrong: str) -> None:
    """A query that cannot be read is refused in a sentence."""
    with pytest.raises(ConfigError, match="The query"):
        parse(wrong)


def test_a_source_can_have_its_own_exclusion() -> None:
    """An exclusion for one source drops noise there and nowhere else, and is named."""
    query = Query("k", parse("kopi"), {"x": parse("giveaway")})
    assert query.matches(fold("giveaway kopi"), "feeds")
    assert query.explain("giveaway kopi", "x").dropped_by == "giveaway"


def test_the_bookmark_moves_only_when_the_walk_ends() -> None:
    """The first page's newest item becomes the floor after the last page, not before."""
    cursor = Cursor(floor="10").walking("p2", "30").walking("p3", "29")
    assert (cursor.floor, cursor.ceiling, cursor.token) == ("10", "30", "p3")
    assert cursor.settled() == Cursor(floor="30")
    assert Cursor(floor="10").settled() == Cursor(floor="10")


def test_a_mention_needs_text_a_zone_and_a_plausible_time() -> None:
    """An empty text, a naive time and a time outside this age are refused."""
    whole = {"native_id": "1", "platform": "x", "text": "halo", "published_at": datetime(2026, 1, 1, tzinfo=UTC)}
    assert Mention.model_validate(whole).platform is Platform.X
    for wrong in (
        {"text": " \x00 "},
        {"published_at": "2026-01-01T00:00:00"},
        {"published_at": datetime(9999, 1, 1, tzinfo=UTC)},
    ):
        with pytest.raises(ValidationError):
            Mention.model_validate(whole | wrong)
    with pytest.raises(ValidationError):
        Metrics(observed_at=datetime(2026, 1, 1, tzinfo=UTC), likes=2**63)


def test_periods_follow_the_calendar() -> None:
    """Weeks begin on Monday, months on the first, and a day in Jakarta begins at 17:00 UTC."""
    assert period_start(date(2026, 11, 22), Grain.WEEK) == date(2026, 11, 16)
    assert next_period(date(2026, 12, 1), Grain.MONTH) == date(2027, 1, 1)
    assert edges(date(2026, 11, 22), date(2026, 11, 23), JAKARTA) == (
        datetime(2026, 11, 21, 17, tzinfo=UTC),
        datetime(2026, 11, 22, 17, tzinfo=UTC),
    )


@given(st.dates(date(2000, 1, 1), date(2099, 1, 1)), st.sampled_from(Grain))
def test_every_day_lies_in_exactly_one_period(day: date, grain: Grain) -> None:
    """A day lies from its period's start to before the next one's."""
    start = period_start(day, grain)
    assert start <= day < next_period(start, grain)
    assert period_start(next_period(start, grain) - timedelta(days=1), grain) == start


def test_an_author_counts_by_the_strongest_impression() -> None:
    """The impression farthest from OK counts, and of two equally far the negative one."""
    assert strongest([Impression.OK, Impression.AHA]) is Impression.AHA
    assert strongest([Impression.WOW, Impression.ARRGH]) is Impression.WOW
    assert strongest([Impression.WOW, Impression.BOO]) is Impression.BOO


def test_figures_of_few_authors_are_withheld() -> None:
    """Below the stated n there is a count and no figure."""
    few = tally(wow=TOO_FEW - 1)
    assert [figure(few).value for figure in (net_advocacy, silent_loss, impression_mean)] == [None] * 3
    assert net_advocacy(few).n == TOO_FEW - 1


def test_net_advocacy_by_hand() -> None:
    """30 WOW and 10 Boo of 100 authors are +20 points, and the interval holds it."""
    measure = net_advocacy(tally(boo=10, arrgh=20, ok=30, aha=10, wow=30))
    assert measure.value == pytest.approx(0.2)
    assert measure.low is not None
    assert measure.high is not None
    assert 0.05 < measure.low < 0.2 < measure.high < 0.35


def test_wilson_agrees_with_the_published_example() -> None:
    """81 of 263 gives .2553 to .3662 (Newcombe 1998, Statistics in Medicine 17, table I)."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)


@given(st.tuples(*[st.integers(0, 400)] * 5))
def test_intervals_hold_their_figures(counts: tuple[int, ...]) -> None:
    """Every figure lies in its interval, and the interval in its range."""
    some = tally(*counts)
    for figure, lowest, highest in ((net_advocacy, -1, 1), (silent_loss, 0, 1), (impression_mean, -2, 2)):
        measure = figure(some)
        if measure.value is not None and measure.low is not None and measure.high is not None:
            assert lowest <= measure.low <= measure.value + 1e-9
            assert measure.value - 1e-9 <= measure.high <= highest


def test_stages_are_cumulative_and_advocates_told_apart() -> None:
    """Who advocates has acted and been aware; those who warn others off count apart from those who promote."""
    path = {Stage.AWARE: 50, Stage.APPEAL: 10, Stage.ASK: 10, Stage.ACT: 20, Stage.ADVOCATE: 10}
    some = Tally({}, path, promoting=7, warning=3)
    assert [some.reached(stage) for stage in Stage] == [100, 50, 40, 30, 10]
    assert purchase_action_ratio(some).value == pytest.approx(0.3)
    assert brand_advocacy_ratio(some).value == pytest.approx(0.07)
    assert warning_ratio(some).value == pytest.approx(0.03)
    assert share(0, 0).value is None
