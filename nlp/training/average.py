"""Average the weights of the readers fine-tuned under several seeds into one, which costs nothing when reading.

Wortsman et al. (2022), "Model soups: averaging weights of multiple fine-tuned models improves accuracy without
increasing inference time".

``python -m nlp.training.average --work build/reader``
"""

from pathlib import Path

import torch

from nlp.training.model import Reader, opened, save
from nlp.training.work import Run, arguments


def averaged(folders: list[Path]) -> Reader:
    """Return one reader whose every weight is the mean over the readers in the folders."""
    readers = [opened(folder) for folder in folders]
    states = [reader.state_dict() for reader in readers]
    first = readers[0]
    first.load_state_dict({name: torch.stack([state[name] for state in states]).mean(0) for name in states[0]})
    return first


def main() -> None:
    """Average every ``WORK/reader-*`` into ``WORK/reader``."""
    options = arguments(__doc__)
    run = Run(options.work, "average")
    folders = sorted(options.work.glob("reader-*"))
    save(averaged(folders), options.work / "reader")
    run.note(averaged=[folder.name for folder in folders])


if __name__ == "__main__":
    main()
