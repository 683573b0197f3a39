"""A brand's query, said in GDELT's language."""

import pytest
from gdelt_replay import faults

from collectors._gdelt_query import LENGTH, compose
from domain.errors import ConfigError
from domain.query import Query, any_of, parse

SAID = {
    "kopi": "kopi",
    "kopi senja": "kopi senja",
    '"Kopi Senja"': '"kopi senja"',
    "kopi OR teh": "(kopi OR teh)",
    "kopi AND (senja OR sore)": "kopi (senja OR sore)",
    "kopi (senja OR sore) (pagi OR malam)": "kopi (senja OR sore) (pagi OR malam)",
    "kopi -luwak": "kopi -luwak",
    'kopi -"luwak liar"': 'kopi -"luwak liar"',
    "kopi NOT (luwak OR toraja)": "kopi -luwak -toraja",
    "kopi NOT (luwak AND liar)": "kopi",
    "NOT NOT kopi": "kopi",
    "(kopi AND senja) OR teh": "(senja OR teh)",
    "kopi OR (teh OR (susu OR jahe))": "(kopi OR teh OR susu OR jahe)",
    "(kopi -luwak) OR teh": "(kopi OR teh)",
    "(kopi OR teh) OR (kopi AND susu)": "(kopi OR teh)",
    "#kopisenja OR @kopisenja": "kopisenja",
    "kopi*": "kopi",
    "kk OR kopi": "kopi",
    "kk kopi": "kopi",
    "kopi-senja": '"kopi-senja"',
    "domain:koran": '"domain:koran"',
    "a-b OR kopi": "kopi",
    "kopi kopi": "kopi",
}


@pytest.mark.parametrize("expression", SAID)
def test_an_expression_is_said_in_gdelt_s_language(expression: str) -> None:
    """GDELT gets a search that it takes and that finds each text which the query finds."""
    said = compose(Query("Senja", parse(expression)), "gdelt", (), ())
    assert said == SAID[expression]
    assert not list(faults(said))


def test_languages_countries_and_exclusions_are_asked_for() -> None:
    """What a brand excludes for this source, and the options, are part of the search."""
    query = Query("Senja", any_of(("Kopi Senja",)), {"gdelt": parse("lowongan"), "feeds": parse("iklan")})
    said = compose(query, "gdelt", ("indonesian", "english"), ("ID",))
    assert said == '"kopi senja" -lowongan (sourcelang:indonesian OR sourcelang:english) sourcecountry:ID'
    assert not list(faults(said))


@pytest.mark.parametrize("expression", ["kk", "a-b", "kk OR (kopi -teh) OR -susu", "☕", "kk OR #go"])
def test_what_cannot_be_searched_for_is_refused(expression: str) -> None:
    """A query without a word that GDELT searches for is refused by the brand's name."""
    with pytest.raises(ConfigError, match="Senja"):
        compose(Query("Senja", parse(expression)), "gdelt", (), ())


def test_a_long_query_is_refused_by_name() -> None:
    """A query that GDELT would refuse for its length is refused before it is asked, naming the brand."""
    query = Query("Senja", any_of(tuple(f"kedai kopi senja nomor {number}" for number in range(40))))
    with pytest.raises(ConfigError, match=f"Senja has .* allows {LENGTH}"):
        compose(query, "gdelt", (), ())
