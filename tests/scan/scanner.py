"""Letters, mailboxes and the real `sosie scan`, said in few words."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.server import SOSIE

REGISTRY = 'Display_Name,Email\nJane Roe,"jane.roe@example.com, jane@roe.example"\nJohn Doe,john.doe@example.com\n'
DATE = "Sat Jan  3 01:05:34 1998"


def letter(number: int, *, forged: bool = False, body: str = "See you at noon.\n") -> bytes:
    """A message with a Message-ID of its own; a forged one claims to be Jane Roe."""
    author = f"Jane Roe <desk{number}@freemail.example>" if forged else f"Person {number} <p{number}@mail.example>"
    return f"From: {author}\nMessage-ID: <{number}@mail.example>\nSubject: Noon\n\n{body}".encode()


def mbox(letters: Iterable[bytes]) -> bytes:
    """A mailbox file as most programs write it."""
    return b"".join(f"From desk@mail.example {DATE}\n".encode() + raw + b"\n" for raw in letters)


def maildir(folder: Path, letters: Iterable[tuple[str, bytes]]) -> Path:
    """A Maildir with these messages, each named by its folder and file."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, raw in letters:
        (folder / name).write_bytes(raw)
    return folder


@dataclass
class Scanned:
    """What a scan printed and ended with."""

    stdout: str
    stderr: str
    status: int

    @property
    def documents(self) -> list[Any]:
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def ids(self) -> list[str]:
        return [document["message_id"] for document in self.documents]

    @property
    def numbers(self) -> list[int]:
        """The numbers of the letters."""
        return [int(one.strip("<").partition("@")[0]) for one in self.ids]


def environment(**more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("SOSIE_", "COLUMNS"))}
    return {**inherited, **more}


def command(*arguments: str | Path | bytes, registry: Path) -> Sequence[str | bytes]:
    given = [argument if isinstance(argument, bytes) else str(argument) for argument in arguments]
    return [SOSIE, "scan", "--registry", str(registry), *given]


@dataclass
class Scanner:
    """Runs `sosie scan` with a registry of two people."""

    registry: Path

    def __call__(self, *arguments: str | Path | bytes, status: int, **settings: str) -> Scanned:
        done = subprocess.run(
            command(*arguments, registry=self.registry),
            env=environment(**settings),
            capture_output=True,
            timeout=60,
            check=False,
        )
        ran = Scanned(done.stdout.decode(), done.stderr.decode(), done.returncode)
        assert "Traceback" not in ran.stderr
        assert ran.status == status, ran.stderr[:2000]
        return ran

    def json(self, *arguments: str | Path | bytes, status: int = 0) -> Scanned:
        return self("--json", *arguments, status=status)
