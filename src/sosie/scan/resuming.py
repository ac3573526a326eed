"""How far a scan has come, in a file: it is written after each piece, when what the piece had to tell has been told.

The file says up to which place everything was told, how long the output was then, and the counts so far. A scan that
goes on cuts the output back to that length, so whatever was told of a piece that was not finished is told once. The
file goes when the scan is finished.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import orjson

from sosie.scan.judging import NOTHING, Tally
from sosie.scan.pieces import Place

_FORMAT = 1


class CannotGoOn(Exception):
    """The file is no state of this scan, or the output is not the one that was begun; the reason says which."""


class State(NamedTuple):
    """`place` is None before the first piece. `told`: octets of output then, None where it is no file. `weight`: of
    all pieces until then."""

    place: Place | None = None
    told: int | None = None
    tally: Tally = NOTHING
    weight: int = 0


class StateFile:
    """The state of one scan. `asked` says which scan: what was given on the command line, and the registry."""

    def __init__(self, file: str, asked: Sequence[str]) -> None:
        self._file = Path(file)
        self._scan = hashlib.sha256("\0".join(asked).encode("utf-8", "surrogateescape")).hexdigest()

    def read(self) -> State:
        """The state to go on from. Raises OSError, CannotGoOn."""
        try:
            text = self._file.read_bytes()
        except FileNotFoundError:
            return State()
        try:
            held = orjson.loads(text)
            state = State(held["place"], held["told"], Tally(*held["tally"]), held["weight"])
        except (ValueError, TypeError, KeyError):
            raise CannotGoOn(f"{self._file} is not the state of a scan") from None
        if held.get("format") != _FORMAT or held.get("scan") != self._scan:
            raise CannotGoOn(f"{self._file} is the state of another scan: other mail, another registry, other options")
        return state

    def write(self, state: State) -> None:
        """Replace the file in one step. Raises OSError."""
        held = {"format": _FORMAT, "scan": self._scan, **state._asdict(), "tally": list(state.tally)}
        beside = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        try:
            with beside.open("wb") as stream:
                stream.write(orjson.dumps(held))
                stream.flush()
                os.fsync(stream.fileno())  # else the machine may stop when the file has its name, and nothing in it
            beside.replace(self._file)
        finally:
            beside.unlink(missing_ok=True)

    def remove(self) -> None:
        """The scan is finished."""
        self._file.unlink(missing_ok=True)


def told_to(output: int) -> int | None:
    """How long the output is, a descriptor, as far as it is on disk; None for a pipe or a terminal."""
    if not _is_file(output):
        return None
    os.fsync(output)
    return os.lseek(output, 0, os.SEEK_END)


def cut_back(output: int, told: int | None) -> None:
    """Take back what was told after the last state. Raises CannotGoOn where the output is not the one of then."""
    if told is None or not _is_file(output):
        return
    if os.fstat(output).st_size < told:
        raise CannotGoOn("the output is shorter than it was: go on with >> and the same file")
    os.ftruncate(output, told)
    os.lseek(output, 0, os.SEEK_END)


def _is_file(descriptor: int) -> bool:
    return stat.S_ISREG(os.fstat(descriptor).st_mode)
