"""What every training step shares: its arguments, its seed and its line in the run log."""

import argparse
import hashlib
import json
import platform
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

SEED = 20


def arguments(description: str | None, start: str = "weak") -> argparse.Namespace:
    """Return ``shared`` (the data), ``work`` (where steps leave their results) and ``threads``."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shared", type=Path, default=Path("../shared"), help="folder that holds data/")
    parser.add_argument("--work", type=Path, default=Path("build/reader"), help="folder for results and the run log")
    parser.add_argument("--threads", type=int, default=2, help="threads of torch")
    parser.add_argument("--seed", type=int, default=SEED, help="order of the rows in fine-tuning, and its dropout")
    parser.add_argument("--start", default=start, help="folder of WORK that training starts from")
    parser.add_argument("--epochs", type=float, default=3, help="how often fine-tuning reads each row")
    parser.add_argument("--licensed", action="store_true", help="train on rows with a clear licence alone")
    parser.add_argument("--rate", type=float, default=8e-5, help="highest rate of fine-tuning")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    return options


@dataclass
class Run:
    """One run of a step: seeds everything when made, and writes one JSON line a note to ``WORK/run.jsonl``."""

    work: Path
    step: str
    started: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        """Seed Python, numpy and torch."""
        random.seed(SEED)
        np.random.seed(SEED)  # noqa: NPY002 - libraries below draw from the global state
        torch.manual_seed(SEED)

    def note(self, **facts: Any) -> None:
        """Append facts, the seed, the versions and the seconds since the start to the log, and print them."""
        line = {
            "step": self.step,
            "seconds": round(time.monotonic() - self.started, 1),
            "seed": SEED,
            "python": platform.python_version(),
            "torch": torch.__version__,
            **facts,
        }
        text = json.dumps(line, ensure_ascii=False, default=str)
        with (self.work / "run.jsonl").open("a", encoding="utf-8") as log:
            log.write(text + "\n")
        print(text, flush=True)

    @staticmethod
    def sha256(path: Path) -> str:
        """Return the hexadecimal SHA-256 of a file."""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
