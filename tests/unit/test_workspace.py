"""What the pages are told by the process that starts them."""

from datetime import time

import pytest

from alerts.people import Directory, Person, Route
from dashboard.workspace import VARIABLE, Workspace
from domain.vocabulary import AlertReason


def test_everything_that_is_told_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace with secrets, people and routes is the same one in the process of the pages."""
    sari = Person(key="sari", name="Sari", channels=("sari",), quiet=(time(22), time(6)))
    route = Route(("sari",), frozenset({1}), frozenset({AlertReason.SNOWBALL}))
    told = Workspace(
        database_url="sqlite://",  # type: ignore[arg-type]
        pseudonym_key="a key",  # type: ignore[arg-type]
        brands=("senja",),
        timezone="Asia/Jakarta",
        sources=(),
        directory=Directory({"sari": sari}, [route, Route(("sari",))]),
    )
    monkeypatch.setenv(VARIABLE, told.environment()[VARIABLE])
    arrived = Workspace.told()
    assert arrived.database_url.get_secret_value() == "sqlite://"
    assert arrived.directory.people == {"sari": sari}
    assert list(arrived.directory.routes) == [route, Route(("sari",))]
