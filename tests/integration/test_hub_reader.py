"""A reader named by its hub id, against a server on loopback that answers as a model hub does."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from checkpoints import FIVE, SAID, save
from loopback import Asked, Behaviour, Loopback, Reply

COMMIT, OLDER = "4f" * 20, "0a" * 20
ROOT = Path(__file__).parents[2]
PROGRAM = """
import json, sys
from domain.errors import ConfigError
from nlp.classifier import load
for name in sys.argv[1].split():
    try:
        found = load(name)
        print(json.dumps([found.version, [held.impression for held in found.read(json.loads(sys.argv[2]))]]))
    except ConfigError as error:
        print(json.dumps(["refused", str(error)]))
"""
TEXTS = [held[0] for held in SAID.values()]


class Hub:
    """The part of a hub's API that downloading asks: a model's commit, its files, and each file."""

    def __init__(self, folder: Path) -> None:
        self.files = {path.name: path.read_bytes() for path in folder.iterdir()}
        self.files |= {"pytorch_model.bin": b"a pickle", "modeling_own.py": b"raise SystemExit('code ran')"}

    def __call__(self, asked: Asked) -> Reply:
        parts = asked.path.strip("/").split("/")
        if "closed" in parts:
            return Reply(403, {"X-Error-Code": "GatedRepo"})
        if "mine" not in parts:
            return Reply(404, {"X-Error-Code": "RepoNotFound"})
        if parts[:2] == ["api", "models"]:
            return self._tree() if "tree" in parts else self._model(parts[parts.index("mine") + 2 :])
        return Reply(body=self.files[parts[-1]], headers={"ETag": f'"{parts[-1]}"', "X-Repo-Commit": parts[3]})

    @staticmethod
    def _model(revision: list[str]) -> Reply:
        commits = {"main": COMMIT, "v1": OLDER}
        name = revision[0] if revision else "main"
        if name not in commits:
            return Reply(404, {"X-Error-Code": "RevisionNotFound"})
        return Reply(body=json.dumps({"id": "me/mine", "sha": commits[name], "siblings": []}).encode())

    def _tree(self) -> Reply:
        files = [
            {"type": "file", "path": name, "size": len(body), "oid": f"{number:040x}"}
            for number, (name, body) in enumerate(self.files.items())
        ]
        return Reply(body=json.dumps(files).encode(), headers={"Content-Type": "application/json"})


def ask(home: Path, endpoint: str, *names: str, **environment: str) -> list[list[object]]:
    """Load and read with each name in a process of its own, and return what it printed."""
    settings = {"HF_ENDPOINT": endpoint, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1", "OMP_NUM_THREADS": "1"}
    found = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", PROGRAM, " ".join(names), json.dumps(TEXTS)],
        cwd=ROOT,
        env={**os.environ, **settings, **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "%|" not in found.stderr, "progress is for terminals"
    return [json.loads(line) for line in found.stdout.splitlines()]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a trained checkpoint of the five impressions."""
    return save(tmp_path_factory.mktemp("hub") / "mine", FIVE)


def test_a_hub_model_is_downloaded_pinned_and_kept(
    checkpoint: Path, tmp_path: Path, serve: Callable[[Behaviour], Loopback]
) -> None:
    """A hub name is read by the commit it stands for, pinned or not, without its code; later no hub is needed."""
    server = serve(Hub(checkpoint))
    assert ask(tmp_path, server.url, "me/mine", "me/mine@v1") == [
        [f"me/mine@{COMMIT}", FIVE],
        [f"me/mine@{OLDER}", FIVE],
    ]
    fetched = {asked.path.rsplit("/", 1)[-1] for asked in server.asked}
    assert "model.safetensors" in fetched
    assert not fetched & {"pytorch_model.bin", "modeling_own.py"}
    before = len(server.asked)
    assert ask(tmp_path, server.url, "me/mine", HF_HUB_OFFLINE="1") == [[f"me/mine@{COMMIT}", FIVE]]
    assert len(server.asked) == before


def test_what_the_hub_refuses_is_one_sentence(
    checkpoint: Path, tmp_path: Path, serve: Callable[[Behaviour], Loopback]
) -> None:
    """An unknown model, an unknown revision and a closed model each get a sentence that says what to do."""
    server = serve(Hub(checkpoint))
    unknown, revision, closed = ask(tmp_path, server.url, "me/theirs", "me/mine@v9", "me/closed")
    for found, wanted in ((unknown, "check the spelling"), (revision, "leave it out"), (closed, "HF_TOKEN")):
        assert found[0] == "refused"
        assert wanted in str(found[1])
        assert "\n" not in str(found[1])


def test_no_network_is_one_sentence(tmp_path: Path) -> None:
    """Without a hub and without an earlier download the sentence says to connect once or to name a folder."""
    for environment in ({}, {"HF_HUB_OFFLINE": "1"}):
        ((refused, sentence),) = ask(tmp_path, "http://127.0.0.1:9", "me/mine", **environment)
        assert refused == "refused"
        assert "connect once" in str(sentence)
