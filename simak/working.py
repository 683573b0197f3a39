"""Does a piece of the pipeline now, for a person who waits for it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from domain.clock import now
from domain.errors import ConfigError
from simak.collecting import Collect
from simak.house import House
from simak.lawful import hold_to_law
from simak.pipeline import Read, Stage
from simak.progress import counting
from store.leader import leader


def chosen(house: House, names: Sequence[str]) -> list[Collect]:
    """Return the stages of the named sources, or of all; raises ConfigError for one that is not set up."""
    collects = house.collects()
    unknown = next((name for name in names if name not in {stage.name for stage in collects}), None)
    if unknown is not None:
        there = ", ".join(stage.name for stage in collects) or "none yet"
        raise ConfigError(f"There is no source “{unknown}” in simak.toml; there are: {there}.")
    return [stage for stage in collects if not names or stage.name in names]


def work(house: House, collects: Sequence[Collect]) -> dict[str, dict[str, Any]]:
    """Run sources and then the rest of the pipeline, and return each stage's outcome.

    Where another Simak is at work on the same store, reading and counting are left to it. Raises ConfigError while a
    brand lacks its lawful basis.
    """
    hold_to_law(house.home)
    claim = leader(house.store.engine)
    alone = claim.claim()
    try:
        stages = house.stages(collects) if alone else collects
        return {stage.name: _run(house, stage) for stage in stages}
    finally:
        claim.resign()


def _run(house: House, stage: Stage) -> dict[str, Any]:
    with counting(stage.name) as progress:
        if isinstance(stage, Read | Collect):
            stage = replace(stage, progress=progress)
        return stage.run(house.store, now()).model_dump()
