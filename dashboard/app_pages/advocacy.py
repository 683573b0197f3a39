"""Whether customers speak for the brand: advocacy by period, by impression and against competitors."""

import streamlit as st

from dashboard import advocacy_boards as boards
from dashboard.frame import empty, frame, heading, literal, reading
from domain.advocacy import TOO_FEW
from domain.clock import local
from figures import charts, drawing, wording
from figures.series import FIGURES, Figure, Step, changed, row, starts
from figures.sheet import csv_bytes
from store.queries.figures import periods, span
from store.queries.health import gaps

here = frame()
speech = here.speech
brand = here.brand


def figure_card(figure: Figure, now: Step, before: Step) -> None:
    """Draw one figure with its interval, its n, its change, and its definition one click away."""
    name, measure = speech(f"figure.{figure.key}.name"), figure.measure(now.tally)
    change = changed(measure, figure.measure(before.tally))
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.metric(
            name,
            wording.value(speech, figure, measure.value),
            delta=wording.change(speech, figure, change[0]) if change else None,
            delta_color=("normal" if figure.more_is_good else "inverse") if change and change[1] else "off",
            delta_arrow="auto" if change and round(change[0], 3) else "off",
            delta_description=speech(f"advocacy.than_before.{grain}") if change else None,
        )
        people = speech.counted("count.authors", measure.n)
        spread = wording.interval(speech, figure, measure)
        few = speech("advocacy.too_few", n=people, least=TOO_FEW)
        st.caption(speech("advocacy.of", interval=spread, n=people) if measure.enough else few)
        with st.popover(speech("advocacy.definition"), type="tertiary", icon=":material/help:"):
            st.markdown(f"**{name}**\n\n{speech(f'figure.{figure.key}.definition')}")
            st.caption(speech(f"figure.{figure.key}.source"))
            st.caption(speech("advocacy.interval_note"))


heading(speech("advocacy.title"), speech("advocacy.line", brand=literal(brand.name) if brand else "–"))
listed = [brand, *here.rivals] if brand else []
with reading() as conn:
    told = span(conn, [one.id for one in listed]) if listed else None
    missing = gaps(conn)
if brand is None or told is None:
    empty("mentions")
    st.stop()

ids = [one.id for one in listed]
today = local(here.now, here.workspace.timezone).date()
with st.container(horizontal=True, vertical_alignment="bottom"):
    grain = boards.choose_grain()
    days = starts(told[0], today, grain)
    chosen_on = boards.choose_platforms(ids, days[0], days[-1])
    with reading() as conn:
        counted = periods(conn, ids, grain, days[0], days[-1], chosen_on)
    rows = {one.name: row(counted, one.id, days, grain, today) for one in listed}
    own = rows[brand.name]
    chosen = boards.choose_period(own, grain, [drawing.when(speech, grain, step) for step in own])

for three in (FIGURES[:3], FIGURES[3:]):
    for column, figure in zip(st.columns(3), three, strict=True):
        with column:
            figure_card(figure, own[chosen], own[chosen - 1])

ticks = [speech.tick(day, grain) for day in days]
shaded = drawing.missing_rows(speech, grain, own, missing, here.workspace.timezone)
running = speech(f"advocacy.unfinished.{grain}")
line_tips = {name: speech(f"table.{name}") for name in ("when", "figure", "interval", "authors")}
part_tips = {name: speech(f"table.{name}") for name in ("when", "impression", "authors", "part")}

left, right = st.columns(2, gap="large")
with left:
    st.subheader(speech("advocacy.over_time"), anchor=False)
    lines = drawing.line_rows(speech, grain, brand.name, own)
    st.altair_chart(charts.advocacy_line(lines, ticks, line_tips, shaded), alt=speech("advocacy.over_time"))
    st.caption(f"{speech('advocacy.over_time_note')} {running}")
with right:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader(speech("advocacy.impressions"), anchor=False)
        shown = st.segmented_control(
            speech("advocacy.show"),
            ["share", "count"],
            default="share",
            required=True,
            format_func=lambda key: speech(f"advocacy.as_{key}"),
            key="impressions_as",
            label_visibility="collapsed",
        )
    parts = drawing.impression_rows(speech, grain, own, shares=shown == "share")
    st.altair_chart(
        charts.impression_bars(parts, ticks, part_tips, shaded, shares=shown == "share"),
        alt=speech("advocacy.impressions"),
    )
    st.caption(f"{speech('advocacy.impressions_note')} {running}")

if shaded:
    st.caption(speech("advocacy.missing_note"))

if not chosen_on:
    boards.draw_path(brand.id, grain, days[chosen])
if here.rivals:
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(speech("advocacy.rivals"), anchor=False)
        lines = [one for name, steps in rows.items() for one in drawing.line_rows(speech, grain, name, steps)]
        brand_tips = {"brand": speech("table.brand"), **line_tips}
        st.altair_chart(charts.advocacy_line(lines, ticks, brand_tips, shaded), alt=speech("advocacy.rivals"))
        st.caption(speech("advocacy.rivals_note"))
    with right:
        st.subheader(speech("advocacy.voice"), anchor=False)
        voices = drawing.voice_rows(speech, grain, rows)
        voice_tips = {name: speech(f"table.{name}") for name in ("brand", "when", "mentions", "part")}
        st.altair_chart(charts.voice_bars(voices, ticks, voice_tips, shaded), alt=speech("advocacy.voice"))
        st.caption(speech("advocacy.voice_note"))

found = {one.brand_id: one for one in counted if one.start == days[chosen]}
if here.rivals:
    boards.draw_brands({one.name: found.get(one.id) for one in listed})
if not chosen_on and brand.id in found:
    boards.draw_platforms(brand.id, grain, days[chosen])

with st.expander(speech("advocacy.table"), icon=":material/table:"):
    st.dataframe(drawing.table_rows(speech, grain, own), hide_index=True, alt=speech("advocacy.table"))
    st.download_button(
        speech("advocacy.download"),
        csv_bytes([one for name, steps in rows.items() for one in drawing.sheet_rows(name, grain, steps)]),
        file_name=f"simak-{brand.key}-{grain}-{days[-1].isoformat()}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
    )
