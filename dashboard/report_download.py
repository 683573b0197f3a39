"""A week's report as a file: made when somebody clicks, by what they may do, and noted in the audit."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st

from dashboard import acting
from dashboard.access import viewer
from dashboard.frame import frame
from dashboard.opened import store
from domain import clock
from domain.access import Right, Viewer
from domain.clock import Grain, period_start
from reports.export import CSV, FORMATS, PDF, XLSX, Wanted, export
from reports.period import Week
from store.audit import audit
from store.engine import Store
from store.queries.figures import Listed

_MIME = {
    PDF: "application/pdf",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    CSV: "text/csv",
}
_ICONS = {PDF: ":material/picture_as_pdf:", XLSX: ":material/table:", CSV: ":material/csv:"}
# As far back as the charts go.
_WEEKS = 13


@dataclass(frozen=True)
class Order:
    """What somebody wants: a form of a brand's week, beside the other brands."""

    brands: Sequence[Listed]
    week: Week
    form: str
    language: str
    identify: bool
    sample: bool


def weeks() -> list[Week]:
    """Return the weeks that are offered, the last finished one first, the running one last."""
    here = frame()
    zone = here.workspace.timezone
    now = period_start(clock.local(here.now, zone).date(), Grain.WEEK)
    starts = [now.fromordinal(now.toordinal() - 7 * back) for back in range(1, _WEEKS + 1)]
    return [*(Week(start, zone) for start in starts), Week(now, zone, running=True)]


def draw(week: Week, *, identify: bool) -> None:
    """Draw a button for each form that this person may take."""
    here, looks = frame(), viewer()
    if here.brand is None:
        return
    speech, rows = here.speech, looks.may(Right.EXPORT)
    for form in FORMATS if rows else (PDF,):
        brands = (here.brand, *here.rivals)
        order = Order(brands, week, form, speech.language, identify and form != PDF, here.workspace.sample)
        st.download_button(
            speech(f"report.take.{form}"),
            # What runs on a click knows nothing of the page, so it is told all it needs.
            partial(made, store(), order, looks, acting.who()),
            file_name=f"{here.brand.key}-{week.name}.{form}",
            mime=_MIME[form],
            icon=_ICONS[form],
            key=f"report_{form}",
            on_click="ignore",
        )
    if not rows:
        st.caption(speech("report.take.no_rows"))


def made(held: Store, order: Order, looks: Viewer, by: str) -> bytes:
    """Make the file and note that it was taken; raises ForbiddenError for who has not got the right."""
    wanted = Wanted((order.form,), order.language, identify=order.identify, sample=order.sample)
    with tempfile.TemporaryDirectory(prefix="simak-") as folder:
        found = export(held, order.brands, order.week, wanted, Path(folder), looks)
        body = found.files[0].read_bytes()
    more = ", with addresses and lasting author numbers" if order.identify else ""
    with held.write(looks) as conn:
        line = f"{order.brands[0].key} {order.week.name}: {order.form}{more}"
        audit(conn, by, "report exported", line, clock.now())
    return body
