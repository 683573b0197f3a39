"""How well was foreseen what has ended: this tenant's own figures, with how many cases they rest on."""

from datetime import timedelta

import streamlit as st

from dashboard.frame import frame, reading
from dashboard.growth_charts import reliability
from risk.hindsight import FEWEST, SHIPPED, Ended, Figures, Share, figures
from speech.saying import Speech
from store.foresight import calibration
from store.hindsight import ended

SINCE = timedelta(days=180)


def draw_figures(brand_id: int) -> None:
    """Draw precision, recall, warning time, false alerts and calibration of a brand's ended cases."""
    here = frame()
    speech = here.speech
    with reading() as conn:
        found = figures([Ended.of(*kept) for kept in ended(conn, [brand_id], here.now - SINCE)])
        learnt = calibration(conn)
    st.subheader(speech("hindsight.title"), anchor=False, help=speech("hindsight.help"))
    st.caption(speech.counted("hindsight.cases", found.cases))
    with st.container(horizontal=True):
        for name, share in (("precision", found.precision), ("recall", found.recall), ("early", found.early)):
            _share(speech, name, share)
        _number(speech, "lead", found.lead_min, 0)
        _number(speech, "false", found.false_a_week, 1)
    _believed(speech, found)
    bar = SHIPPED if learnt is None else learnt.threshold
    st.caption(speech("hindsight.shipped" if learnt is None else "hindsight.own", share=speech.percent(bar, 0)))


def _share(speech: Speech, name: str, share: Share) -> None:
    value = "–" if share.value is None else speech.percent(share.value, 0)
    told = speech("hindsight.too_few", least=speech.number(FEWEST))
    if share.interval:
        low, high = (speech.percent(end, 0) for end in share.interval)
        told = speech("hindsight.interval", low=low, high=high)
    counted = speech("hindsight.of", part=speech.number(share.part), of=speech.number(share.of))
    _fact(speech, name, value, f"{counted} · {told}")


def _number(speech: Speech, name: str, value: float | None, digits: int) -> None:
    shown = "–" if value is None else speech.number(value, digits)
    note = speech("hindsight.too_few", least=speech.number(FEWEST)) if value is None else ""
    _fact(speech, name, shown, note)


def _fact(speech: Speech, name: str, value: str, note: str) -> None:
    with st.container(width=230, gap="xsmall"):
        st.metric(speech(f"hindsight.{name}"), value, border=True, help=speech(f"hindsight.{name}_help"))
        st.caption(note)


def _believed(speech: Speech, found: Figures) -> None:
    if found.error is None or found.brier is None:
        return
    titles = {name: speech(f"hindsight.chart.{name}") for name in ("p", "happened", "looks")}
    with st.expander(speech("hindsight.believed", error=speech.number(found.error, 3)), icon=":material/balance:"):
        st.altair_chart(reliability(found.bins, titles), alt=speech("hindsight.chart.alt"))
