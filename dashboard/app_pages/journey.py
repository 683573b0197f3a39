"""The journey: where customers speak and how, who cannot use yet what they bought, and what the company thinks."""

import streamlit as st

from dashboard import journey_beliefs, journey_gap, journey_map
from dashboard.frame import empty, frame, heading, literal, reading
from dashboard.journey_period import choose
from store.queries.figures import span

BOARDS = {"map": journey_map.draw, "gap": journey_gap.draw, "beliefs": journey_beliefs.draw}
FIRST = "map"
_ASKED, _BOARD = "board", "journey_board"


def _board() -> str:
    """Draw the choice of a board, which the address tells too; an address that was opened leads."""
    asked = st.query_params.get(_ASKED, FIRST)
    if asked in BOARDS and asked != st.session_state.get(_ASKED):
        st.session_state[_BOARD] = asked
    st.session_state.setdefault(_BOARD, FIRST)
    chosen = st.segmented_control(
        speech("journey.board"),
        list(BOARDS),
        required=True,
        format_func=lambda key: speech(f"journey.boards.{key}"),
        key=_BOARD,
        label_visibility="collapsed",
    )
    board = str(chosen)
    st.session_state[_ASKED] = board
    if board != asked:
        st.query_params[_ASKED] = board
    return board


here = frame()
speech = here.speech
brand = here.brand

heading(speech("journey.title"), speech("journey.line", brand=literal(brand.name) if brand else "–"))
listed = [brand, *here.rivals] if brand else []
with reading() as conn:
    told = span(conn, [one.id for one in listed]) if listed else None
if brand is None or told is None:
    empty("mentions")
    st.stop()

BOARDS[_board()](choose(listed, told[0]))
