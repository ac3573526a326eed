"""An index laid out in a file, for commands that judge by the registry of a file: to work it out takes a second for
10,000 people, to read it a thirtieth of that.

The file's name tells what it was made of: the registry, to the octet, and the programs that made it. It holds a line
that names the format, a checksum, a table of contents in JSON, and the columns one after the other. It takes its place
in one step; what is torn, or somebody else's, is as good as none. Only the owner may read it.
"""

from __future__ import annotations

import hashlib
import os
import sys
import zlib
from array import array
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from stat import S_IWGRP, S_IWOTH

import orjson

import sosie
from sosie.detection.index import Index
from sosie.detection.keyed import Column

FORMAT = b"sosie index 1\n"
MIN_IDENTITIES = 50  # fewer are worked out as fast as they are read
MAX_FILES = 8  # in one folder: a file of 100,000 people is 17 MB
_SUFFIX = ".index"
_ROOMS = ("detection", "likeness", "mail", "registry")  # whose programs decide what is in an index
_END = "\0"  # of a key: no entry may hold it (`registry.fields`)
_CHECKSUM_OCTETS = 4


def file_of(folder: Path, registry: bytes) -> Path:
    """Where the index of a registry lies, which is given as it was read. Raises OSError."""
    digest = hashlib.blake2b(registry, digest_size=16)
    digest.update(repr((sosie.__version__, sys.version, sys.byteorder, *_programs())).encode())
    return folder / f"{digest.hexdigest()}{_SUFFIX}"


def read(file: Path) -> Index | None:
    """The index; None where there is none, or none that can be used."""
    try:
        with file.open("rb") as stream:
            state = os.fstat(stream.fileno())
            if state.st_uid != os.geteuid() or state.st_mode & (S_IWGRP | S_IWOTH):
                return None
            text = memoryview(stream.read())
    except OSError:
        return None
    body = text[len(FORMAT) + _CHECKSUM_OCTETS :]
    checksum = bytes(text[len(FORMAT) : -len(body)]) if body else b""
    if text[: len(FORMAT)] != FORMAT or zlib.crc32(body).to_bytes(_CHECKSUM_OCTETS) != checksum:
        return None
    try:
        return Index.from_columns(_from_body(body))
    except (KeyError, ValueError, IndexError, TypeError):
        return None


def write(file: Path, index: Index) -> bool:
    """Write it, if that is worth it and the folder, or the one that it lies in, is there. Whether it was. Raises
    OSError."""
    if len(index) < MIN_IDENTITIES or not file.parent.parent.is_dir():
        return False
    columns = index.to_columns()
    if any(_END in key for column in columns.values() for key in column.keys):
        return False
    body = _to_body(columns)
    file.parent.mkdir(exist_ok=True, mode=0o700)
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as stream:
            stream.write(FORMAT)
            stream.write(zlib.crc32(body).to_bytes(_CHECKSUM_OCTETS))
            stream.write(body)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    _make_room(file.parent)
    return True


def _programs() -> Iterator[tuple[str, int, int]]:
    """What would be another if a program of ours were another."""
    house = Path(sosie.__file__).parent
    for room in _ROOMS:
        for folder in (house / room, *(one for one in (house / room).iterdir() if one.is_dir())):
            with os.scandir(folder) as entries:
                found = [entry for entry in entries if entry.name.endswith(".py")]
            for entry in sorted(found, key=lambda entry: entry.name):
                state = entry.stat()
                yield f"{room}/{entry.name}", state.st_size, state.st_mtime_ns


def _make_room(folder: Path) -> None:
    """Remove the oldest files of more than MAX_FILES."""
    with suppress(OSError):  # another process makes room too
        files = sorted(folder.glob(f"*{_SUFFIX}"), key=lambda file: file.stat().st_mtime_ns)
        for file in files[:-MAX_FILES]:
            file.unlink()


def _to_body(columns: Mapping[str, Column]) -> bytes:
    contents, parts = [], list[bytes]()
    for name, column in columns.items():
        keys = _END.join(column.keys).encode("utf-8", "surrogatepass")
        some = (keys, column.sizes.tobytes(), column.numbers.tobytes())
        contents.append((name, len(column.keys), *map(len, some)))
        parts += some
    return b"".join((orjson.dumps(contents), b"\n", *parts))


def _from_body(body: memoryview) -> dict[str, Column]:
    contents = bytes(body[: 1 << 16]).partition(b"\n")[0]
    place = len(contents) + 1
    columns = {}
    for name, count, *lengths in orjson.loads(contents):
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
