"""A brand's query, said in X's language."""

import pytest

from collectors._x_query import LENGTH, compose
from domain.errors import ConfigError
from domain.query import Query, any_of, parse

SAID = {
    "kopi": "kopi",
    "kopi senja": "kopi senja",
    '"Kopi Senja"': '"kopi senja"',
    "kopi OR teh": "(kopi OR teh)",
    "kopi AND (senja OR sore)": "kopi (senja OR sore)",
    "kopi -luwak": "kopi -luwak",
    'kopi -"luwak liar"': 'kopi -"luwak liar"',
    "kopi NOT (luwak OR toraja)": "kopi -luwak -toraja",
    "kopi NOT (luwak AND liar)": "kopi",
    "NOT NOT kopi": "kopi",
    "#kopisenja OR @kopisenja": "(#kopisenja OR @kopisenja)",
    "kopi*": "kopi",
    "from:seseorang": '"from:seseorang"',
    "a\\b": '"a b"',
    '"or"': '"or"',
    "kopi-senja": '"kopi-senja"',
    "☕": '"☕"',
}


@pytest.mark.parametrize("expression", SAID)
def test_an_expression_is_said_in_x_s_language(expression: str) -> None:
    """X gets the same words, joined its way; what it cannot exclude is left out, and operators are quoted."""
    assert compose(Query("Senja", parse(expression)), "x", (), retweets=True) == SAID[expression]


def test_languages_and_retweets_are_options() -> None:
    """Indonesian is asked for by X's own code, and retweets are left out unless wanted."""
    query = Query("Senja", parse("kopi OR teh"))
    assert compose(query, "x", ("id",), retweets=False) == "(kopi OR teh) lang:in -is:retweet"
    assert compose(query, "x", ("id", "en"), retweets=True) == "(kopi OR teh) (lang:in OR lang:en)"


def test_the_source_s_exclusions_are_asked_for() -> None:
    """What a brand excludes on X only is excluded by X itself, and what it excludes elsewhere is not."""
    query = Query("Senja", any_of(("Kopi Senja",)), {"x": parse("lowongan OR giveaway"), "feeds": parse("iklan")})
    assert compose(query, "x", (), retweets=True) == '"kopi senja" -lowongan -giveaway'


def test_a_long_query_is_refused_by_name() -> None:
    """A query that X would refuse for its length is refused before it costs a call, naming the brand."""
    query = Query("Senja", any_of(tuple(f"kedai kopi senja nomor {number}" for number in range(40))))
    with pytest.raises(ConfigError, match=f"Senja has .* allows {LENGTH}"):
        compose(query, "x", ("id",), retweets=False)


@pytest.mark.parametrize("expression", ["kopi OR -teh", "kopi OR NOT (teh OR susu)"])
def test_a_negation_alone_is_refused(expression: str) -> None:
    """An alternative that only leaves a word out would find nearly every post, so X is not asked for it."""
    with pytest.raises(ConfigError, match="Senja"):
        compose(Query("Senja", parse(expression)), "x", (), retweets=True)
