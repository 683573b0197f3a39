"""One mention on the page: foreign text is drawn as text, never as Markdown or HTML."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import streamlit as st

from dashboard.access import viewer
from dashboard.frame import frame, literal
from domain.access import Right
from domain.text import gate_url
from domain.vocabulary import Impression
from figures import charts
from speech.saying import Speech
from store.labels import LIKELY
from store.queries.inbox import Counters, Listing
from store.queries.repeats import Repeats
from store.triage import Held

# The theme gives these five names the impressions' colours.
COLOURS = {
    Impression.BOO: "red",
    Impression.ARRGH: "orange",
    Impression.OK: "gray",
    Impression.AHA: "violet",
    Impression.WOW: "blue",
}
_COUNTERS = ("likes", "replies", "reposts", "quotes", "views")
# Longer texts are folded away: an article would hide the mentions under it.
_FOLD = 600


def draw(one: Listing, counters: Sequence[Counters], repeats: Repeats | None, stands: Held | None = None) -> bool:
    """Draw a mention with its labels in force and the way to its original; tell whether to correct its labels.

    ``stands`` is what the team does about it, where the card tells so.
    """
    speech = frame().speech
    with st.container(border=True, gap="xsmall"):
        _head(speech, one, repeats)
        _words(speech, one.text)
        _reply(speech, one)
        _labels(speech, one)
        if stands:
            _work(speech, stands)
        with st.container(
            horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="xsmall"
        ):
            _about(speech, one, counters)
            return _ways(speech, one)


def author_name(speech: Speech, author_id: int | None) -> str:
    """Return what an author is called: a number of ours, since neither name nor handle is kept."""
    return speech("card.nobody") if author_id is None else speech("card.author", name=f"{author_id:04x}")


def _head(speech: Speech, one: Listing, repeats: Repeats | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if one.impression:
            st.badge(speech.label(one.impression), color=COLOURS[one.impression])  # type: ignore[arg-type]
        else:
            st.badge(_unscored(speech, one), color="grey", icon=":material/schedule:")
        if one.corrected:
            st.badge(speech("card.corrected"), color="green", icon=":material/edit:")
        if repeats and repeats.campaign_authors:
            people = speech.counted("count.authors", repeats.campaign_authors)
            st.badge(speech("card.campaign", people=people), color="yellow", icon=":material/campaign:")
        if repeats:
            copies = speech.counted("count.copies", repeats.copies)
            st.badge(copies, color="grey", icon=":material/content_copy:")
        st.caption(
            f"**{speech.label(one.platform)}** · {speech.moment(one.published_at)} · "
            f"{speech.ago(one.published_at, frame().now)}",
            width="content",
        )


def _unscored(speech: Speech, one: Listing) -> str:
    if one.abstention is None:
        return speech("card.unread")
    return speech("card.not_scored", why=speech.label(one.abstention))


def _words(speech: Speech, text: str) -> None:
    if len(text) <= _FOLD:
        st.text(text)
        return
    st.text(text[:_FOLD].rsplit(" ", 1)[0] + " …")
    with st.expander(speech("card.whole", count=speech.number(len(text)))):
        st.text(text)


def _reply(speech: Speech, one: Listing) -> None:
    """Draw what the brand answered, and how long that took."""
    if not one.reply or not one.replied_at:
        return
    took = speech.span(max(one.replied_at - one.published_at, timedelta()))
    with st.expander(speech("card.reply", took=took), icon=":material/reply:"):
        st.text(one.reply)


def _labels(speech: Speech, one: Listing) -> None:
    angry = bool(one.complaint) and (one.arousal or 0) >= LIKELY
    flags = (
        (one.complaint, "complaint", "yellow", "flag"),
        (angry, "angry", "grey", "mood_bad"),
        (one.use_gap, "use_gap", "yellow", "flag"),
        (one.off_topic, "off_topic", "grey", "link_off"),
    )
    words = [word for word in (one.stage, *one.touchpoints, one.journey) if word and word != "NONE"]
    if not words and not any(flag for flag, *_ in flags):
        return
    with st.container(horizontal=True, gap="xsmall"):
        for flag, name, colour, icon in flags:
            if flag:
                st.badge(speech(f"label.{name}"), color=colour, icon=f":material/{icon}:")  # type: ignore[arg-type]
        for word in words:
            st.badge(speech.label(word), color="grey")


def _work(speech: Speech, stands: Held) -> None:
    """Draw whose the mention is and how far they have come."""
    told = [speech.label(stands.status), speech.label(stands.priority)]
    told += [literal(stands.owner)] if stands.owner else []
    told += [literal(f"#{tag}") for tag in stands.tags]
    st.caption(f":material/assignment_ind: {' · '.join(told)}")


def _about(speech: Speech, one: Listing, counters: Sequence[Counters]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        st.caption(" · ".join(_facts(speech, one, counters)), width="content")
        if len(counters) > 1:
            st.altair_chart(charts.growth_line(_reactions(counters)), width="content", alt=speech("card.growth"))


def _facts(speech: Speech, one: Listing, counters: Sequence[Counters]) -> Iterator[str]:
    yield author_name(speech, one.author_id)
    if one.branch:
        yield speech("card.branch", name=literal(one.branch))
    if one.followers is not None:
        yield speech.counted("count.followers", one.followers)
    if one.stars:
        yield "★" * one.stars + "☆" * (5 - one.stars)
    if one.confidence is not None:
        yield speech("card.confidence", share=speech.percent(one.confidence, 0))
    for name in _COUNTERS if counters else ():
        # A counter that stands at nothing tells nothing.
        if count := getattr(counters[-1], name):
            yield speech.counted(f"count.{name}", count)


def _reactions(counters: Sequence[Counters]) -> list[tuple[float, float]]:
    """Return when counters were read and how many reactions there were; views are no reaction."""
    return [
        (one.observed_at.timestamp(), sum(getattr(one, name) or 0 for name in _COUNTERS if name != "views"))
        for one in counters
    ]


def _ways(speech: Speech, one: Listing) -> bool:
    with st.container(horizontal=True, gap="small", width="content"):
        if url := gate_url(one.url):
            st.link_button(speech("card.open"), url, type="tertiary", icon=":material/open_in_new:")
        key = f"correct_{one.mention_id}"
        return viewer().may(Right.CORRECT) and st.button(
            speech("card.correct"), key=key, type="tertiary", icon=":material/edit:"
        )
