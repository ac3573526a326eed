"""An index laid out in a file, for commands that judge by the registry of a file: to work it out takes a second for
10,000 people, to read it a thirtieth of that.

A file holds a line that names the format, a checksum, a table of contents in JSON, what it was made of (the programs
that made it and the registry, to the octet), and the columns one after the other. It is named by a short sum of what it
was made of; whoever reads it compares all of that, so two registries that meet in a name take turns and are never
mistaken. It takes its place in one step; what is torn, or somebody else's, is as good as none. Only the owner may read
it.
"""

from __future__ import annotations

import os
import sys
import zlib
from array import array
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from stat import S_IWGRP, S_IWOTH
from typing import Any, NamedTuple

import orjson

import sosie
from sosie.detection.index import Index
from sosie.detection.keyed import Column

FORMAT = b"sosie index 2\n"
MIN_IDENTITIES = 50  # fewer are worked out as fast as they are read
MAX_FILES = 8  # in one folder: a file of 100,000 people is 22 MB
_SUFFIX = ".index"
_ROOMS = ("detection", "likeness", "mail", "registry")  # whose programs decide what is in an index
_END = "\0"  # of a key: no entry may hold it (`registry.fields`)
_CHECKSUM_OCTETS = 4
_MOST_CONTENTS = 1 << 16  # octets of the table of contents


class IndexFile(NamedTuple):
    """Where an index lies, and what it is made of."""

    path: Path
    programs: bytes
    registry: bytes


def file_of(folder: Path, registry: bytes) -> IndexFile:
    """The file for the index of a registry, which is given as it was read. Raises OSError."""
    programs = repr((sosie.__version__, sys.version, sys.byteorder, *_programs())).encode()
    return IndexFile(folder / f"{zlib.crc32(registry, zlib.crc32(programs)):08x}{_SUFFIX}", programs, registry)


def read(file: IndexFile) -> Index | None:
    """The index; None where there is none, or none that can be used."""
    try:
        with file.path.open("rb") as stream:
            state = os.fstat(stream.fileno())
            if state.st_uid != os.geteuid() or state.st_mode & (S_IWGRP | S_IWOTH):
                return None
            text = stream.read()
    except OSError:
        return None
    begin = len(FORMAT) + _CHECKSUM_OCTETS
    body = memoryview(text)[begin:]
    if not text.startswith(FORMAT + zlib.crc32(body).to_bytes(_CHECKSUM_OCTETS)):
        return None
    contents = text[begin : begin + _MOST_CONTENTS].partition(b"\n")[0]
    place = begin + len(contents) + 1
    made_of_it = text.startswith(file.programs, place) and text.startswith(file.registry, place + len(file.programs))
    try:
        programs, registry, *columns = orjson.loads(contents)
        if not made_of_it or (programs, registry) != (len(file.programs), len(file.registry)):
            return None
        return Index.from_columns(_from_parts(columns, body[place - begin + programs + registry :]))
    except (KeyError, ValueError, IndexError, TypeError):
        return None


def write(file: IndexFile, index: Index) -> bool:
    """Write it, if that is worth it and the folder, or the one that it lies in, is there. Whether it was. Raises
    OSError."""
    if len(index) < MIN_IDENTITIES or not file.path.parent.parent.is_dir():
        return False
    columns = index.to_columns()
    if any(_END in key for column in columns.values() for key in column.keys):
        return False
    body = _to_body(file, columns)
    folder = file.path.parent
    folder.mkdir(exist_ok=True, mode=0o700)
    beside = file.path.with_name(f"{file.path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as stream:
            stream.write(FORMAT)
            stream.write(zlib.crc32(body).to_bytes(_CHECKSUM_OCTETS))
            stream.write(body)
        beside.replace(file.path)
    finally:
        beside.unlink(missing_ok=True)
    _make_room(folder)
    return True


def _programs() -> Iterator[tuple[str, int, int]]:
    """What would be another if a program of ours were another."""
    house = Path(sosie.__file__).parent
    for room in _ROOMS:
        yield from _programs_in(str(house / room), room)


def _programs_in(folder: str, room: str) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        if entry.name.endswith(".py"):
            state = entry.stat()
            yield f"{room}/{entry.name}", state.st_size, state.st_mtime_ns
        elif entry.name != "__pycache__" and entry.is_dir():
            yield from _programs_in(entry.path, f"{room}/{entry.name}")


def _make_room(folder: Path) -> None:
    """Remove the oldest files of more than MAX_FILES."""
    with suppress(OSError):  # another process makes room too
        files = sorted(folder.glob(f"*{_SUFFIX}"), key=lambda file: file.stat().st_mtime_ns)
        for file in files[:-MAX_FILES]:
            file.unlink()


def _to_body(file: IndexFile, columns: Mapping[str, Column]) -> bytes:
    contents: list[Any] = [len(file.programs), len(file.registry)]
    parts = [file.programs, file.registry]
    for name, column in columns.items():
        keys = _END.join(column.keys).encode("utf-8", "surrogatepass")
        some = (keys, column.sizes.tobytes(), column.numbers.tobytes())
        contents.append((name, len(column.keys), *map(len, some)))
        parts += some
    return b"".join((orjson.dumps(contents), b"\n", *parts))


def _from_parts(contents: list[Any], body: memoryview) -> dict[str, Column]:
    place = 0
    columns = {}
    for name, count, *lengths in contents:
        parts = []
        for length in lengths:
            parts.append(body[place : place + length])
            place += length
        keys = str(parts[0], "utf-8", "surrogatepass").split(_END) if count else []
        columns[name] = Column(keys, _numbers(parts[1]), _numbers(parts[2]))
    return columns


def _numbers(octets: memoryview) -> array[int]:
    numbers = array("I")
    numbers.frombytes(octets)
    return numbers
