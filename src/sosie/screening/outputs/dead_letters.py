"""What a webhook did not take: a file of JSON lines, each with its reason, that `sosie alert resend` sends again.

A line holds the id under which it was posted and the body as it was signed, so it can be posted again as the same.
Several processes append to the file, each under its lock (flock). To send the letters again, the file is put aside
first; what fails again is appended to a new one; only then is the old one removed. Whoever is interrupted begins with
the file that he had put aside, and sends some letters twice, under their ids.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from sosie.registry.moments import now_us, to_rfc3339
from sosie.screening.outputs.alert_file import json_line

MAX_BYTES = 64 << 20  # 20,000 alerts: whoever has not looked by then will not miss the next


class Letter(NamedTuple):
    """`reason` says why it was given up."""

    id: str
    reason: str
    body: bytes


class DeadLetters:
    """The file of all processes of one data folder."""

    def __init__(self, path: Path, most: int = MAX_BYTES) -> None:
        self._path = path
        self._aside = path.with_name(f"{path.name}.resending")
        self._most = most

    def append(self, letter: Letter) -> None:
        """Add a letter. Raises OSError, also where the file holds as much as it may."""
        body = letter.body.decode("utf-8", "replace")
        line = json_line({"at": to_rfc3339(now_us()), "id": letter.id, "reason": letter.reason, "body": body})
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._locked() as descriptor:
            size = os.fstat(descriptor).st_size
            if size + len(line) > self._most:
                raise OSError(f"{self._path} holds {self._most >> 20} MiB, as much as it may")
            if os.write(descriptor, line) < len(line):
                os.ftruncate(descriptor, size)
                raise OSError(f"{self._path} cannot be written: the disk is full")

    def take(self) -> list[Letter]:
        """All letters, which are put aside until `done`. Lines that are none are passed over. Raises OSError."""
        if not self._aside.exists():
            try:
                with self._locked(create=False):
                    self._path.rename(self._aside)
            except FileNotFoundError:
                return []
        return [letter for line in self._aside.read_bytes().splitlines() if (letter := _read(line)) is not None]

    def done(self) -> None:
        """What was taken has been sent, or appended again."""
        self._aside.unlink(missing_ok=True)

    @contextmanager
    def _locked(self, *, create: bool = True) -> Iterator[int]:
        """The file, open for appending and locked: the one that stands there, not one that was put aside meanwhile."""
        while True:
            flags = os.O_WRONLY | os.O_APPEND | (os.O_CREAT if create else 0)
            descriptor = os.open(self._path, flags, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                if _is_at(self._path, descriptor):
                    yield descriptor
                    return
            finally:
                os.close(descriptor)


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return path.stat().st_ino == os.fstat(descriptor).st_ino
    except FileNotFoundError:
        return False


def _read(line: bytes) -> Letter | None:
    try:
        document = json.loads(line)
        return Letter(document["id"], document["reason"], document["body"].encode())
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
