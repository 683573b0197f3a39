"""Settings of brands: what is listened for, tried on stored texts as it is written."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard import reform
from dashboard.access import viewer
from dashboard.frame import frame, reading
from dashboard.reform import Written
from domain.access import Right
from domain.errors import ConfigError
from domain.query import Query, any_of, parse
from store.queries.trials import newest_texts

TRIED, SHOWN = 5_000, 5
_EXCERPT = 240
SAVED = "settings_saved"
NEW = ""


def draw(found: Written) -> None:
    """Draw one brand's settings with a live preview of its query."""
    speech = frame().speech
    brands = {brand["key"]: brand for brand in found.brands}
    key = st.selectbox(
        speech("settings.brand"),
        [*brands, NEW],
        format_func=lambda one: brands[one]["name"] if one else speech("settings.new_competitor"),
        key="settings_brand",
    )
    brand = brands.get(key, {})
    values = _fields(brand, key)
    _buttons(found.digest, brand, key, values)
    _preview(values)


def _fields(brand: Mapping[str, Any], key: str) -> dict[str, Any]:
    speech = frame().speech
    name = st.text_input(speech("settings.name"), brand.get("name", ""), max_chars=80, key=f"name_{key}")
    aliases = st.text_input(
        speech("settings.aliases"),
        ", ".join(brand.get("aliases", ())),
        help=speech("settings.aliases_help"),
        key=f"aliases_{key}",
    )
    query = st.text_area(
        speech("settings.query"), brand.get("query") or "", help=speech("settings.query_help"), key=f"query_{key}"
    )
    named = [alias.strip() for alias in aliases.split(",") if alias.strip()]
    return {"name": name.strip(), "aliases": named, "query": query.strip() or None}


def _preview(values: Mapping[str, Any]) -> None:
    """Draw what the query as it stands would keep and drop of the newest stored texts."""
    speech = frame().speech
    if not values["query"] and not values["aliases"]:
        return
    try:
        expression = parse(values["query"]) if values["query"] else any_of(tuple(values["aliases"]))
    except ConfigError as error:
        st.error(str(error), icon=":material/error:")
        return
    query = Query("preview", expression, {})
    with reading(Right.SET) as conn:
        texts = newest_texts(conn, TRIED)
    verdicts = [(one, query.explain(one.text, one.source)) for one in texts]
    kept = [(one.text, verdict.found) for one, verdict in verdicts if verdict.matches]
    dropped = [(one.text, (verdict.dropped_by,)) for one, verdict in verdicts if verdict.dropped_by]
    told = {
        "texts": speech.number(len(texts)),
        "kept": speech.number(len(kept)),
        "dropped": speech.number(len(dropped)),
    }
    st.markdown(speech("settings.preview", **told))
    left, right = st.columns(2)
    with left:
        _examples(speech("settings.kept"), kept)
    with right:
        _examples(speech("settings.dropped"), dropped)


def _examples(title: str, some: Sequence[tuple[str, Sequence[str]]]) -> None:
    st.caption(title)
    for text, words in some[:SHOWN]:
        with st.container(border=True, gap="xsmall"):
            st.text(text[:_EXCERPT])
            st.code(" · ".join(words), language=None)


def _buttons(digest: str, brand: Mapping[str, Any], key: str, values: Mapping[str, Any]) -> None:
    speech = frame().speech
    with st.container(horizontal=True, gap="small"):
        if st.button(speech("settings.save"), type="primary", icon=":material/save:", key=f"save_{key}"):
            fixed = {} if brand else _fresh(values)
            _carry_out(digest, key or _key(values["name"]), {**fixed, **values})
        if brand and brand["role"] == "competitor":
            with st.popover(speech("settings.remove"), icon=":material/delete:"):
                st.markdown(speech("settings.remove_line"))
                if st.button(speech("settings.remove_sure"), key=f"remove_{key}"):
                    _carry_out(digest, key, {}, remove=True)


def _fresh(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a competitor that is new needs beside its name: it is listened to for comparison only."""
    return {
        "key": _key(values["name"]),
        "role": "competitor",
        "basis": "legitimate_interest",
        "purpose": "Membandingkan advokasi merek sendiri dengan pesaing, tanpa mengenali orang.",
    }


def _key(name: str) -> str:
    """Return the key that a brand's name makes: small letters, digits and hyphens."""
    plain = "".join(sign if sign.isascii() and sign.isalnum() else " " for sign in name.casefold())
    return "-".join(plain.split())[:40]


def _carry_out(digest: str, key: str, values: Mapping[str, Any], *, remove: bool = False) -> None:
    try:
        said = reform.save(viewer().name, digest, "brands", key, values, remove=remove)
    except ConfigError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.session_state[SAVED] = said
    st.rerun()
