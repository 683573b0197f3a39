"""The map of the journey: a square for each place and touch point, and behind each its impressions and mentions."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import journey_voices
from dashboard.card import COLOURS
from dashboard.frame import frame, literal, reading
from dashboard.journey_period import Period, address, asked, link
from domain.vocabulary import Impression, Journey, Stage, TouchPoint
from figures import matrix, wording
from figures.matrix_charts import SELECTION, heat_map
from figures.series import NET, Figure
from figures.sheet import csv_bytes
from speech.saying import Speech
from store.counting import ALL, JOURNEY, NONE, STAGE
from store.queries import journey
from store.queries.journey import Cell

_CHART, _POINT = "journey_map", "journey_point"


def draw(period: Period) -> None:
    """Draw the map of a period, and what lies behind the square that is chosen."""
    speech = frame().speech
    axis, lens = _lenses(speech)
    with reading() as conn:
        cells = journey.matrix(conn, period.brand.id, period.grain, period.chosen, axis)
    if not cells:
        st.info(speech("journey.nobody"), icon=":material/info:")
        return
    # Set and not given as what the boxes begin with: a click on the map chooses too.
    chosen = st.session_state.setdefault(f"journey_place_{axis}", ALL), st.session_state.setdefault(_POINT, ALL)
    left, right = st.columns([5, 2], gap="large")
    with left:
        _map(speech, matrix.rows(speech, cells, axis, lens, chosen), axis, lens)
    with right:
        place, point = _behind(speech, period, matrix.found(cells), axis)
    cell = matrix.found(cells).get((place, point))
    if cell and cell.mentions and point != NONE:
        with left:
            journey_voices.draw(period, cell, asked(period, **_filters(axis, place, point)))
    _table(speech, period, cells, axis)


def _lenses(speech: Speech) -> tuple[str, Figure]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        axis = st.segmented_control(
            speech("matrix.by"),
            [STAGE, JOURNEY],
            default=STAGE,
            required=True,
            format_func=lambda key: speech(f"matrix.{key}"),
            key="journey_axis",
            persist_state="session",
        )
        lens = st.segmented_control(
            speech("matrix.show"),
            list(matrix.LENSES),
            default=NET.key,
            required=True,
            format_func=lambda key: speech(f"matrix.lens.{key}"),
            key="journey_lens",
            persist_state="session",
        )
    return str(axis), matrix.LENSES[str(lens)]


def _map(speech: Speech, rows: list[matrix.Row], axis: str, lens: Figure) -> None:
    tips = {
        "place": speech(f"matrix.{axis}"),
        "point": speech("matrix.point"),
        "full": speech(f"matrix.lens.{lens.key}"),
        "interval": speech("table.interval"),
        "people": speech("matrix.people"),
    }
    st.altair_chart(
        heat_map(rows, lens, tips, selectable=True),
        key=_CHART,
        on_select=_clicked,
        selection_mode=SELECTION,
        alt=speech("matrix.alt"),
    )
    st.caption(speech(f"matrix.note.{lens.key}"))


def _clicked() -> None:
    """Choose the square that was clicked; runs before the page is drawn again."""
    found = st.session_state[_CHART].selection.get(SELECTION) or []
    if found:
        square: Mapping[str, Any] = found[-1]
        place, point = str(square["place_key"]), str(square["point_key"])
        st.session_state[f"journey_place_{st.session_state['journey_axis']}"] = place
        st.session_state[_POINT] = point


def _behind(speech: Speech, period: Period, cells: Mapping[matrix.Chosen, Cell], axis: str) -> matrix.Chosen:
    """Let a square be chosen without a mouse too, and show its people by impression with ways to their mentions."""
    place = st.selectbox(
        speech(f"matrix.{axis}"),
        matrix.places(axis),
        format_func=lambda key: matrix.called(speech, key, axis),
        key=f"journey_place_{axis}",
    )
    point = st.selectbox(
        speech("matrix.point"),
        matrix.points(),
        format_func=lambda key: matrix.called(speech, key, ""),
        key=_POINT,
    )
    cell = cells.get((place, point))
    if cell is None or not cell.mentions:
        st.caption(speech("matrix.empty"))
        return place, point
    with st.container(border=True, gap="xsmall"):
        _figures(speech, cell)
        filters = _filters(axis, place, point)
        for word in Impression:
            _impression(speech, period, cell, word, filters)
        _ways(speech, period, point, filters)
    return place, point


def _figures(speech: Speech, cell: Cell) -> None:
    people = speech.counted("count.authors", cell.tally.authors)
    st.markdown(f"**{people}**")
    for lens in (NET, matrix.NEGATIVE):
        measure = lens.measure(cell.tally)
        value, spread = wording.value(speech, lens, measure.value), wording.interval(speech, lens, measure)
        told = speech("matrix.told", figure=speech(f"matrix.lens.{lens.key}"), value=value, interval=spread)
        st.caption(told if measure.enough else f"{speech(f'matrix.lens.{lens.key}')}: {value}")


def _impression(speech: Speech, period: Period, cell: Cell, word: Impression, filters: dict[str, Any]) -> None:
    mentions = cell.by_impression[word]
    if not mentions:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(speech.label(word), color=COLOURS[word])  # type: ignore[arg-type]
        label = speech.counted("count.mentions", mentions)
        if period.own:
            link(label, address(period, **filters, impressions=(word,)))
        else:
            st.caption(label)


def _ways(speech: Speech, period: Period, point: str, filters: dict[str, Any]) -> None:
    if not period.own:
        st.caption(speech("matrix.rival", brand=literal(period.brand.name)))
        return
    link(speech("matrix.all_mentions"), address(period, **filters))
    st.caption(speech("matrix.none_note") if point == NONE else speech("matrix.mentions_note"))


def _filters(axis: str, place: str, point: str) -> dict[str, Any]:
    """Return what the inbox filters by for a square; it cannot ask for texts without a touch point."""
    filters: dict[str, Any] = {}
    if place != ALL:
        filters |= {"stages": (Stage(place),)} if axis == STAGE else {"journeys": (Journey(place),)}
    if point not in {ALL, NONE}:
        filters["touchpoints"] = (TouchPoint(point),)
    return filters


def _table(speech: Speech, period: Period, cells: list[Cell], axis: str) -> None:
    with st.expander(speech("matrix.table"), icon=":material/table:"):
        st.dataframe(matrix.table(speech, cells, axis), hide_index=True, alt=speech("matrix.table"))
        st.download_button(
            speech("matrix.download"),
            csv_bytes(matrix.sheet(period.brand.name, axis, cells)),
            file_name=f"simak-{period.brand.key}-{axis}-{period.chosen.isoformat()}.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
