"""Fixtures: the real `sosie` program, on both databases or on the embedded one alone."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from typing import Any

import pytest

from sosie.registry.moments import now_us
from sosie.store.audit import Deed
from sosie.store.issue import open_account
from support.server import SOSIE, Storage

ACCOUNT = "023e105f4ecef8ad9ca31a8372d0c353"


@dataclass
class Ran:
    """What a run of the program printed and ended with."""

    stdout: str
    stderr: str
    status: int

    @property
    def lines(self) -> list[str]:
        return self.stdout.splitlines()

    @property
    def json(self) -> Any:
        """The one JSON object that was printed."""
        (document,) = self.documents
        return document

    @property
    def documents(self) -> list[Any]:
        return [json.loads(line) for line in self.lines]


@dataclass
class Shell:
    """Runs `sosie ARGUMENTS` in a process of its own, and takes it amiss if it ends otherwise than with `status`."""

    storage: Storage
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SOSIE_", "COLUMNS"))}
        return {**inherited, **self.storage.environment, **self.settings}

    def __call__(self, *arguments: str, status: int = 0, stdin: str | bytes = b"", **settings: str) -> Ran:
        done = subprocess.run(
            [SOSIE, *arguments],
            env={**self.environment, **settings},
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            timeout=60,
            check=False,
        )
        ran = Ran(done.stdout.decode(), done.stderr.decode(), done.returncode)
        assert "Traceback" not in ran.stderr
        assert ran.status == status, f"{arguments}: {ran}"
        return ran


def _with_account(shell: Shell) -> Shell:
    """An account as `sosie account create` makes it, without the time that a process takes."""
    deed = Deed("test", "", now_us())
    shell.storage.run(lambda database: database.write(lambda session: open_account(session, ACCOUNT, "Ours", deed)))
    return shell


@pytest.fixture
def bare(storage) -> Shell:
    """The program on an empty database of either kind."""
    return Shell(storage)


@pytest.fixture
def sosie(bare) -> Shell:
    """The program on a database of either kind, with one account."""
    return _with_account(bare)


@pytest.fixture
def bare_embedded(tmp_path) -> Shell:
    """The program on an empty folder, for what has nothing to do with the kind of database."""
    return Shell(Storage(tmp_path / "data"))


@pytest.fixture
def embedded(bare_embedded) -> Shell:
    """The same with one account."""
    return _with_account(bare_embedded)


@pytest.fixture(scope="module")
def filled(tmp_path_factory) -> Shell:
    """An embedded database with one account and seven entries, for tests that only read."""
    shell = _with_account(Shell(Storage(tmp_path_factory.mktemp("filled"))))
    entries = [
        {"name": name, "email": email, "is_email_regex": False, "provenance": provenance}
        for name, email, provenance in (
            ("Carol", "carol@example.com", "A1S_INTERNAL"),
            ("Alice", "zz@example.com", None),
            ("Bob", "bob@example.org", "SNOOPY-OFFICE_365"),
            ("Dave", "dave@example.com", "A1S_INTERNAL"),
            ("張偉", "zhang@example.com", "A1S_INTERNAL"),
            ("Eve\x1b[31m\u202e", "eve@example.com", "A1S_INTERNAL"),
            ("A name that goes on and on " * 9, "long@example.com", "A1S_INTERNAL"),
        )
    ]
    shell("entry", "import", "-", "--format", "jsonl", stdin="\n".join(map(json.dumps, entries)))
    return shell
