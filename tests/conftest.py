"""What tests of every kind may ask for."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from loopback import Behaviour, Loopback

pytest.register_assert_rewrite("collector_contract")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the folder of recorded traffic and real data beside the checkout, or skip and say so."""
    folder = Path(os.environ.get("SIMAK_SHARED", Path(__file__).parents[2] / "shared"))
    if not (folder / "fixtures").is_dir():
        pytest.skip("needs the recorded traffic in ../shared (or SIMAK_SHARED), which is not here")
    return folder


@pytest.fixture
def serve() -> Iterator[Callable[[Behaviour], Loopback]]:
    """Return a function that starts a loopback server for the length of the test."""
    with ExitStack() as stack:
        yield lambda behaviour: stack.enter_context(Loopback(behaviour))
