"""The last snapshot of an account on disk: what a process starts from that cannot reach the database, and faster.

A file is a line that names the format, one with what follows in numbers, and a line per identity, pair of the history
and alert, in JSON; the last line is a checksum of all before it. It is written beside the old one and takes its place
in one step; what is torn, of another version, or of another user is as good as none: whoever could write it would say
who is protected. Only the owner may read it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from stat import S_IWGRP, S_IWOTH
from typing import Any, NamedTuple

import orjson

from sosie.detection.actions import ActionRule
from sosie.detection.history import Acquaintance, History
from sosie.detection.identity import Identity
from sosie.registry.allow_policy import AllowPolicy
from sosie.registry.trusted_domain import TrustedDomain
from sosie.screening.contents import Contents, Rules
from sosie.store.changes import Mark

FORMAT = b"sosie snapshot 1\n"
_CHECKSUM_LINE = 129  # octets
STEP = 200  # lines that are written between two steps: a fifth of a millisecond


class Kept(NamedTuple):
    """What a file holds."""

    contents: Contents
    history: History


def file_of(folder: Path, account_id: str) -> Path:
    """Where an account's snapshot lies."""
    return folder / f"{account_id}.snapshot"


def accounts_in(folder: Path) -> list[str]:
    """The accounts that have a snapshot there."""
    return sorted(file.stem for file in folder.glob("*.snapshot"))


def write(file: Path, contents: Contents, known: History) -> Iterator[None]:
    """Write it, in steps; nothing is changed before the last of them. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = file.with_name(f"{file.name}.{os.getpid()}")
    digest = hashlib.blake2b(FORMAT)
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600), "wb") as stream:
            stream.write(FORMAT)
            lines = _lines(contents, known)
            while some := b"".join(islice(lines, STEP)):
                digest.update(some)
                stream.write(some)
                yield
            stream.write(digest.hexdigest().encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def checksum_of(file: Path) -> bytes:
    """Its last line, which is another one for every other file. Raises OSError."""
    with file.open("rb") as stream:
        stream.seek(-_CHECKSUM_LINE, os.SEEK_END)
        return stream.read()


def read(file: Path) -> Kept | None:
    """What it holds; None where there is none, or none that can be used."""
    try:
        with file.open("rb") as stream:
            state = os.fstat(stream.fileno())
            if state.st_uid not in (os.geteuid(), 0) or state.st_mode & (S_IWGRP | S_IWOTH):
                return None
            text = stream.read()
    except OSError:
        return None
    body, _, digest = text[:-1].rpartition(b"\n")
    body += b"\n"
    if not text.startswith(FORMAT) or hashlib.blake2b(body).hexdigest().encode() != digest:
        return None
    try:
        return _from_lines(iter(body[len(FORMAT) :].splitlines()))
    except (ValueError, TypeError, KeyError, StopIteration):
        return None


def _lines(contents: Contents, known: History) -> Iterator[bytes]:
    pairs, alerts = list(known.acquaintances()), list(known.alerted())
    head = {
        "account_no": contents.account_no,
        "revision": contents.revision,
        "mark": contents.mark,
        "identities": len(contents.identities),
        "pairs": len(pairs),
        "alerts": len(alerts),
    }
    yield _dump(head)
    yield _dump(contents.rules)
    parts: tuple[Iterable[Any], ...] = (contents.identities, pairs, alerts)
    for part in parts:
        for one in part:
            yield _dump(one)


def _dump(value: Any) -> bytes:
    return orjson.dumps(value, default=tuple, option=orjson.OPT_APPEND_NEWLINE)  # orjson knows no named tuples


def _from_lines(lines: Iterator[bytes]) -> Kept:
    head = orjson.loads(next(lines))
    domains, policies, trusted, actions = orjson.loads(next(lines))
    rules = Rules(
        tuple(domains),
        tuple(AllowPolicy(*one) for one in policies),
        tuple(TrustedDomain(*one) for one in trusted),
        tuple(ActionRule(*one) for one in actions),
    )
    identities = [Identity(*orjson.loads(line)) for line in islice(lines, head["identities"])]
    pairs = (Acquaintance(*orjson.loads(line)) for line in islice(lines, head["pairs"]))
    known = History(pairs, (tuple(orjson.loads(line)) for line in islice(lines, head["alerts"])))
    return Kept(Contents(head["account_no"], head["revision"], Mark(*head["mark"]), identities, rules), known)
