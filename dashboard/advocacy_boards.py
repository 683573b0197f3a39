"""The parts of the advocacy page beside its figures over time: the 5A path, platforms, and brands side by side."""

from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from dashboard.frame import frame, literal, reading
from domain.advocacy import STEPS, TOO_FEW, Measure, archetype, share, step_ratios
from domain.clock import Grain
from domain.vocabulary import Platform
from figures import path, wording
from figures.series import FIGURES, Step
from speech.saying import Speech
from store.counting import STAGE
from store.queries.figures import Period, platforms, spoken_on
from store.queries.journey import matrix

_GRAIN, _PERIOD, _PLATFORM = "grain", "period", "platforms"


def choose_grain() -> Grain:
    """Draw the choice between days, weeks and months, which the address tells too."""
    speech = frame().speech
    grains = [grain.value for grain in Grain]
    asked = st.query_params.get(_GRAIN, "")
    chosen = st.segmented_control(
        speech("advocacy.grain"),
        grains,
        default=asked if asked in grains else Grain.WEEK.value,
        required=True,
        format_func=lambda key: speech(f"period.{key}"),
        key="grain",
        persist_state="session",
    )
    _tell(_GRAIN, [] if chosen == Grain.WEEK else [chosen])
    return Grain(chosen)


def choose_platforms(brand_ids: Sequence[int], first: date, last: date) -> tuple[Platform, ...]:
    """Draw the choice of platforms, which the address tells too; none chosen means all."""
    speech = frame().speech
    with reading() as conn:
        offered = spoken_on(conn, brand_ids, first.replace(day=1), last)
    asked = [one for one in offered if one.value in st.query_params.get_all(_PLATFORM)]
    if len(offered) < 2:  # noqa: PLR2004 - one platform leaves nothing to choose
        return ()
    chosen = st.pills(
        speech("advocacy.platforms"),
        offered,
        selection_mode="multi",
        default=asked,
        format_func=speech.label,
        key="advocacy_platforms",
    )
    _tell(_PLATFORM, [one.value for one in chosen])
    return tuple(chosen)


def choose_period(steps: Sequence[Step], grain: Grain, names: Sequence[str]) -> int:
    """Draw the choice of a period, which the address tells too, and return its place in the row.

    Without an address it opens on the newest finished period that has enough authors to tell anything.
    """
    # The first period of the row has none before it to be compared with.
    offered = list(range(len(steps) - 1, 0, -1))
    asked = st.query_params.get(_PERIOD, "")
    finished = [n for n in offered if not steps[n].running]
    usual = next((n for n in finished if steps[n].tally.authors >= TOO_FEW), finished[0] if finished else offered[0])
    first = next((n for n in offered if steps[n].start.isoformat() == asked), usual)
    chosen = st.selectbox(
        frame().speech("advocacy.period"),
        offered,
        index=offered.index(first),
        format_func=lambda n: names[n],
        key=f"period_{grain}",
        width=280,
    )
    _tell(_PERIOD, [] if chosen == usual else [steps[chosen].start.isoformat()])
    return int(chosen)


def _tell(name: str, values: Sequence[str]) -> None:
    """Let the address tell what was chosen, and nothing where that is what it opens with."""
    if values:
        st.query_params[name] = list(values)
    else:
        st.query_params.pop(name, None)


def draw_path(brand_id: int, grain: Grain, start: date) -> None:
    """Draw the 5A path of a period: people at each stage, the steps between them, and the archetype they draw."""
    speech = frame().speech
    with reading() as conn:
        seen = path.seen_at(matrix(conn, brand_id, grain, start, STAGE))
    ratios = step_ratios(seen)
    st.subheader(speech("path.title"), anchor=False)
    left, right = st.columns([3, 2], gap="large")
    with left:
        tips = {"stage": speech("path.stage"), "words": speech("path.people")}
        st.altair_chart(path.path_bars(path.rows(speech, seen), tips), alt=speech("path.title"))
        st.caption(speech("path.note"))
    with right:
        for name in STEPS:
            st.markdown(_step(speech, name, ratios[name]))
        shape = archetype(ratios)
        told = f"**{speech.label(shape)}.** {speech(f'archetype.{shape}')}" if shape else speech("archetype.open")
        st.info(told, icon=":material/draw:")
        with st.popover(speech("advocacy.definition"), type="tertiary", icon=":material/help:"):
            st.markdown(speech("path.definition"))
            st.caption(speech("path.source"))


def _step(speech: Speech, name: str, measure: Measure) -> str:
    title = speech(f"step.{name}")
    if measure.value is None or measure.low is None or measure.high is None:
        return f"{title}: {speech('figure.too_few')}"
    interval = speech("figure.interval", low=speech.number(measure.low, 2), high=speech.number(measure.high, 2))
    return f"{title}: **{speech.number(measure.value, 2)}** ({interval}; n = {speech.number(measure.n)})"


def draw_platforms(brand_id: int, grain: Grain, start: date) -> None:
    """Draw the period's figures platform by platform."""
    speech = frame().speech
    with reading() as conn:
        found = platforms(conn, brand_id, grain, start)
    st.subheader(speech("advocacy.by_platform"), anchor=False)
    total = sum(period.mentions for period in found.values())
    rows = [
        {speech("advocacy.platform"): speech.label(one), **_row(speech, period, total)} for one, period in found.items()
    ]
    st.dataframe(rows, hide_index=True, alt=speech("advocacy.by_platform"))


def draw_brands(found: Mapping[str, Period | None]) -> None:
    """Draw the period's figures brand by brand, the own one first."""
    speech = frame().speech
    st.subheader(speech("advocacy.by_brand"), anchor=False)
    total = sum(period.mentions for period in found.values() if period)
    rows = [{speech("table.brand"): name, **_row(speech, period, total)} for name, period in found.items() if period]
    st.dataframe(rows, hide_index=True, alt=speech("advocacy.by_brand"))
    st.caption(speech("advocacy.by_brand_note", brand=literal(next(iter(found)))))


def _row(speech: Speech, period: Period, total: int) -> dict[str, str]:
    voice = share(period.mentions, total)
    row = {
        speech("table.mentions"): speech.number(period.mentions),
        speech("advocacy.voice"): "–" if voice.value is None else speech.percent(voice.value),
        speech("table.authors"): speech.number(period.tally.authors),
    }
    for figure in FIGURES:
        measure = figure.measure(period.tally)
        told = wording.value(speech, figure, measure.value)
        interval = f" ({wording.interval(speech, figure, measure)})" if measure.enough else ""
        row[speech(f"figure.{figure.key}.name")] = f"{told}{interval}"
    return row
