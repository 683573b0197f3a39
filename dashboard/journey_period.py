"""Which period of which brand a board of the journey shows, and the addresses of its mentions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import streamlit as st

from dashboard.choice import Choice, write_choice
from dashboard.frame import frame
from domain.clock import Grain, edges, local, next_period
from figures.series import starts
from speech.saying import Speech
from store.queries.figures import Listed


@dataclass(frozen=True)
class Period:
    """A brand, beside the own one, and a period of it.

    ``days`` are the first days of the periods in the row, ``chosen`` is one of them.
    """

    brand: Listed
    mine: Listed
    grain: Grain
    days: tuple[date, ...]
    chosen: date
    today: date

    @property
    def own(self) -> bool:
        """Tell whether it is the brand whose mentions the inbox has."""
        return self.brand == self.mine

    @property
    def last(self) -> date:
        """The last day of the chosen period."""
        return next_period(self.chosen, self.grain) - timedelta(days=1)

    @property
    def before(self) -> date:
        """The first day of the period before the chosen one."""
        return self.days[self.days.index(self.chosen) - 1]

    def running(self, day: date) -> bool:
        """Tell whether the period that begins on a day is not over."""
        return next_period(day, self.grain) > self.today

    def edges(self, first: date, last: date) -> tuple[datetime, datetime]:
        """Return the moments from the beginning of one period to the end of another, by their first days."""
        return edges(first, next_period(last, self.grain), frame().workspace.timezone)

    def named(self, speech: Speech, day: date) -> str:
        """Return the period that begins on a day, with the word for one that is not over."""
        name = speech.period(day, self.grain)
        return speech(f"period.running.{self.grain}", period=name) if self.running(day) else name


def choose(listed: Sequence[Listed], first: date) -> Period:
    """Draw the choice of period and brand; it opens at the last finished week of the own brand."""
    here, speech = frame(), frame().speech
    with st.container(horizontal=True, vertical_alignment="bottom"):
        grain = Grain(
            st.segmented_control(
                speech("journey.grain"),
                [grain.value for grain in Grain],
                default=Grain.WEEK.value,
                required=True,
                format_func=lambda key: speech(f"period.{key}"),
                key="journey_grain",
                persist_state="session",
            )
        )
        today = local(here.now, here.workspace.timezone).date()
        days = starts(first, today, grain)
        whole = Period(listed[0], listed[0], grain, tuple(days), days[-2], today)
        chosen = st.selectbox(
            speech("journey.period"),
            days[:0:-1],
            index=1,
            format_func=lambda day: whole.named(speech, day),
            key=f"journey_{grain}",
            width=280,
        )
        brand = listed[0] if len(listed) == 1 else _brand(speech, listed)
    return replace(whole, brand=brand, chosen=chosen)


def _brand(speech: Speech, listed: Sequence[Listed]) -> Listed:
    names = {one.key: one for one in listed}
    key = st.selectbox(
        speech("journey.brand"), names, format_func=lambda key: names[key].name, key="journey_brand", width=220
    )
    return names[key]


def address(period: Period, **filters: object) -> dict[str, list[str]]:
    """Return the parameters of the inbox's address for a period's mentions."""
    return write_choice(asked(period, **filters))


def asked(period: Period, **filters: object) -> Choice:
    """Return what the inbox is asked for: a period's mentions under some filters, each copy listed as it is counted."""
    choice = Choice(since=period.chosen, until=period.last, copies=True)
    return replace(choice, **filters)  # type: ignore[arg-type]  # fields of a choice, by name


def link(label: str, params: dict[str, list[str]]) -> None:
    """Draw a link to the inbox with its filters set."""
    st.page_link("app_pages/mentions.py", label=label, query_params=params, icon=":material/forum:")
