"""Company thinks, customers think: what the team believes, entered once, beside what customers say."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.access import may, viewer
from dashboard.frame import frame, reading, writing
from dashboard.journey_period import Period, address, link
from domain import clock
from domain.access import Right
from domain.vocabulary import TouchPoint
from figures.belief_charts import dumbbells
from figures.beliefs import SIDES, Compared, compared
from speech.saying import Speech
from store.beliefs import SCALE, Believed, beliefs, believe, entered
from store.queries import journey

SAVED = "beliefs_saved"
# The greatest differences in sentences; all of them are in the drawings and the table.
_SENTENCES = 6


def draw(period: Period) -> None:
    """Draw where customers differ from the team, and where the team enters what it believes."""
    speech = frame().speech
    if SAVED in st.session_state:
        st.toast(st.session_state.pop(SAVED), icon=":material/check:")
    with reading() as conn:
        cells = journey.touchpoints(conn, period.brand.id, period.grain, period.chosen, period.chosen)
        held, last = beliefs(conn, period.brand.id), entered(conn, period.brand.id)
    st.markdown(speech("belief.line"))
    if last:
        st.caption(speech("belief.entered", moment=speech.moment(last.at)))
    rows = compared(cells, held)
    if held:
        _sentences(speech, period, [one for one in rows if one.differs])
    for column, side in zip(st.columns(2, gap="large"), SIDES, strict=True):
        with column:
            _side(speech, side, [one for one in rows if one.side == side])
    with st.expander(speech("belief.table"), icon=":material/table:"):
        st.dataframe([_told(speech, one) for one in rows], hide_index=True, alt=speech("belief.table"))
    if may(Right.HANDLE):
        with st.expander(speech("belief.enter"), icon=":material/edit_note:", expanded=not held):
            _form(speech, period, held)
    st.caption(speech("belief.note"))


def _sentences(speech: Speech, period: Period, rows: Sequence[Compared]) -> None:
    """Say each clear difference, the greatest first, with the way to its mentions."""
    st.subheader(speech("belief.differ"), anchor=False)
    if not rows:
        st.caption(speech("belief.agree"))
    for one in rows[:_SENTENCES]:
        way = "higher" if (one.gap or 0) > 0 else "lower"
        values = {"point": speech.label(one.point), "believed": one.believed, "said": _number(speech, one.said.value)}
        interval = _interval(speech, one)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            told = speech(f"belief.{one.side}_{way}", **values, interval=interval, n=speech.number(one.said.n))
            st.markdown(told, width="stretch")
            if period.own:
                params = address(period, touchpoints=(one.point,))
                link(speech("belief.mentions"), params)


def _side(speech: Speech, side: str, rows: Sequence[Compared]) -> None:
    st.subheader(speech(f"belief.{side}"), anchor=False)
    whose = speech("belief.company"), speech("belief.customers")
    tips = {
        "point": speech("matrix.point"),
        "team": whose[0],
        "told": whose[1],
        "interval": speech("table.interval"),
        "n": speech("matrix.people"),
    }
    drawn = [
        {
            "point": speech.label(one.point),
            "believed": one.believed,
            "value": one.said.value,
            "low": one.said.low,
            "high": one.said.high,
            "differs": one.differs,
            "team": "–" if one.believed is None else str(one.believed),
            "told": _number(speech, one.said.value),
            "interval": _interval(speech, one),
            "n": speech.number(one.said.n),
        }
        for one in rows
    ]
    st.altair_chart(dumbbells(drawn, whose, tips), alt=speech(f"belief.{side}"))
    st.caption(speech(f"belief.{side}_note"))


def _told(speech: Speech, one: Compared) -> dict[str, str]:
    return {
        speech("matrix.point"): speech.label(one.point),
        speech("belief.side"): speech(f"belief.{one.side}"),
        speech("belief.company"): "–" if one.believed is None else str(one.believed),
        speech("belief.customers"): _number(speech, one.said.value),
        speech("table.interval"): _interval(speech, one),
        "n": speech.number(one.said.n),
        speech("belief.gap"): "–" if one.gap is None else speech.number(one.gap, 1, signed=True),
        speech("belief.clear"): speech(f"belief.{'yes' if one.differs else 'no'}"),
    }


def _number(speech: Speech, value: float | None) -> str:
    return speech("figure.too_few") if value is None else speech.number(value, 1)


def _interval(speech: Speech, one: Compared) -> str:
    if one.said.low is None or one.said.high is None:
        return "–"
    return speech("figure.interval", low=speech.number(one.said.low, 1), high=speech.number(one.said.high, 1))


def _form(speech: Speech, period: Period, held: Mapping[TouchPoint, Believed]) -> None:
    with st.form(f"beliefs_{period.brand.id}", border=False):
        st.caption(speech("belief.scale"))
        points = list(TouchPoint)
        for row in zip(points[::2], points[1::2], strict=True):
            for column, point in zip(st.columns(2), row, strict=True):
                with column:
                    _rate(speech, period, point, held.get(point))
        st.form_submit_button(
            speech("belief.save"), type="primary", icon=":material/check:", on_click=_save, args=(period,)
        )


def _rate(speech: Speech, period: Period, point: TouchPoint, held: Believed | None) -> None:
    st.markdown(f"**{speech.label(point)}**")
    with st.container(horizontal=True, gap="medium"):
        for side in SIDES:
            st.segmented_control(
                speech(f"belief.{side}"),
                list(SCALE),
                default=getattr(held, side, None),
                key=_key(period, point, side),
            )


def _key(period: Period, point: TouchPoint, side: str) -> str:
    return f"belief_{period.brand.id}_{point}_{side}"


def _save(period: Period) -> None:
    """Keep what is rated on both sides; runs before the page is drawn again."""
    given = {point: [st.session_state[_key(period, point, side)] for side in SIDES] for point in TouchPoint}
    held = {point: Believed(*ratings) for point, ratings in given.items() if None not in ratings}
    with writing(Right.HANDLE) as conn:
        changes = believe(conn, period.brand.id, held, viewer().name, clock.now())
    half = sum(None in ratings and ratings != [None, None] for ratings in given.values())
    speech = frame().speech
    st.session_state[SAVED] = speech("belief.half") if half else speech("belief.saved", n=speech.number(changes))
