"""Fetches a model of the user's choice from a model hub: weights in safetensors and plain files, never code."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from httpx2 import HTTPError
from huggingface_hub import snapshot_download
from huggingface_hub.errors import (
    GatedRepoError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.utils.tqdm import disable_progress_bars

from domain.errors import ConfigError

# "owner/model", and "@" before a branch, a tag or a commit to stay at.
_NAME = re.compile(r"(?P<model>[\w.-]+/[\w.-]+)(?:@(?P<revision>[\w./-]+))?")
# A pickle runs code when it is opened and a script is code: neither is even downloaded.
_FILES = ["*.safetensors", "*.safetensors.index.json", "*.json", "*.txt", "*.model"]
_IGNORED = ["*/*"]


def is_hub_name(name: str) -> bool:
    """Whether a name has the form ``owner/model`` or ``owner/model@revision``."""
    return _NAME.fullmatch(name) is not None


def fetch(name: str) -> tuple[Path, str]:
    """Return the folder of a hub model's files and its version, ``owner/model@commit``; downloads what is missing.

    What was downloaded before is used when the hub cannot be reached. Raises ConfigError with what to do when the model
    or the revision does not exist, is closed to the user, or can neither be reached nor found here.
    """
    found = _NAME.fullmatch(name)
    if found is None:
        raise ConfigError(f"{name!r} is no hub name; write owner/model, or owner/model@revision.")
    if not sys.stderr.isatty():
        disable_progress_bars()
    with _in_words(found["model"], found["revision"]):
        folder = Path(
            snapshot_download(
                found["model"], revision=found["revision"], allow_patterns=_FILES, ignore_patterns=_IGNORED
            )
        )
    # The cache keeps every commit in a folder of its own, named for it.
    return folder, f"{found['model']}@{folder.name}"


@contextmanager
def _in_words(model: str, revision: str | None) -> Iterator[None]:
    """Turn what the hub's client raises into one sentence for a person."""
    try:
        yield
    except GatedRepoError as error:
        raise ConfigError(f"{model} is open only to those who asked: accept its terms, and set HF_TOKEN.") from error
    except RepositoryNotFoundError as error:
        raise ConfigError(
            f"reader.model is {model!r}: there is no such folder here, and the hub knows no such model, "
            "or it is private and HF_TOKEN is not set; check the spelling."
        ) from error
    except RevisionNotFoundError as error:
        raise ConfigError(f"{model} has no revision {revision!r}: write one that it has, or leave it out.") from error
    except HFValidationError as error:
        raise ConfigError(f"{model!r} is no hub name; write owner/model, or owner/model@revision.") from error
    except (HTTPError, OSError) as error:
        raise ConfigError(
            f"{model} is not on this machine and the hub cannot be reached: connect once so that it is downloaded, "
            "or name a folder or 'bundled' in reader.model."
        ) from error
