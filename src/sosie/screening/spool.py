"""Records on disk that wait for the database: a folder of files, a line per record.

Theory of operation. A process appends to a file of its own, which it holds locked (flock), and goes on to another when
that is long enough. Whatever `append` has returned from is on disk (fsync). When the database answers again, each file
is read as a whole, written to the database, and only then removed. A process that is killed in between has its lock
taken from it by the system: another, or the next one, takes the file over and writes the same records again, of which
the database knows the ids. A line that was torn, because the machine stopped in the middle of it, is the last of its
file, and nobody was told that it is safe.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sosie.screening.record_line import Kept, NotARecord, from_line, to_line

# Of the whole folder. The record of a flagged message is 4 to 10 kB: 25,000 to 65,000 of them, which is weeks of what
# an organisation of some thousand people flags. Mail servers keep a tenth of a disk free; this is less than that.
MAX_BYTES = 256 << 20
FILE_BYTES = 1 << 20  # then the next file is begun: so much is read into memory at once
SUFFIX = ".jsonl"


class SpoolFull(OSError):
    """The folder holds as much as it may."""


class Spool:
    """The files of one folder, which several processes may share. Blocking: call it in a thread."""

    def __init__(self, folder: Path, most: int = MAX_BYTES) -> None:
        self._folder = folder
        self._most = most
        self._descriptor = -1

    def append(self, some: Sequence[Kept]) -> None:
        """Write all of them and see them on disk, or write none of them. Raises OSError, SpoolFull."""
        octets = b"".join(map(to_line, some))
        if self._size() + len(octets) > self._most:
            raise SpoolFull(f"the spool holds {self._most >> 20} MiB, as much as it may")
        if self._descriptor < 0:
            self._descriptor = self._begin()
        before = os.fstat(self._descriptor).st_size
        try:
            _write_all(self._descriptor, octets)
            os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, before)
            raise
        if before + len(octets) >= FILE_BYTES:
            self.close()

    def take(self) -> Taken | None:
        """The oldest file that no other process holds, this process's own among them; None where there is none."""
        self.close()
        for file in self._files():
            try:
                descriptor = os.open(file, os.O_RDONLY)
            except FileNotFoundError:
                continue  # another process was faster
            if _lock(descriptor) and os.fstat(descriptor).st_nlink:
                with os.fdopen(descriptor, "rb", closefd=False) as stream:
                    return Taken(file, descriptor, *_read(stream))
            os.close(descriptor)
        return None

    def close(self) -> None:
        """Let go of the file that was written to; it stays."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _begin(self) -> int:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{self._next_number():012}-{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
        descriptor = os.open(self._folder / name, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_APPEND, 0o600)
        if not _lock(descriptor):  # another process has found the empty file, and is about to remove it
            os.close(descriptor)
            raise BlockingIOError("another process has taken the new file of the spool")
        try:
            _sync_folder(self._folder)
        except OSError:  # it is tried again ten times a second, and may take no descriptor each time
            os.close(descriptor)
            raise
        return descriptor

    def _next_number(self) -> int:
        numbers = [int(file.name[:12]) for file in self._files() if file.name[:12].isdigit()]
        return max(numbers, default=0) + 1

    def _files(self) -> list[Path]:
        try:
            return sorted(self._folder.glob(f"*{SUFFIX}"))
        except FileNotFoundError:
            return []

    def _size(self) -> int:
        size = 0
        for file in self._files():
            try:
                size += file.stat().st_size
            except FileNotFoundError:
                continue
        return size


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file of the spool holds: its records, and why each of its other lines is none. Held until `release`."""

    file: Path
    descriptor: int
    kept: list[Kept]
    bad: list[str]

    def remove(self) -> None:
        """All of it is in the database now."""
        self.file.unlink(missing_ok=True)

    def release(self) -> None:
        """Let go of the file, whether it was removed or not."""
        os.close(self.descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, octets: bytes) -> None:
    rest = memoryview(octets)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _read(lines: Iterable[bytes]) -> tuple[list[Kept], list[str]]:
    """The records, and why each of the other lines is none."""
    kept: list[Kept] = []
    bad: list[str] = []
    for line in lines:
        try:
            kept.append(from_line(line))
        except NotARecord as error:
            bad.append(str(error))
    return kept, bad
