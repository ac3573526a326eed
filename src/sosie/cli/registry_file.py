"""A registry in a file: for an import into the database, and for commands that judge without one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from sosie.cli.entry_files import SUFFIXES, Line, UnusableFile, read_lines
from sosie.cli.output import note
from sosie.registry.entry import EntryFields

MAX_BYTES = 512 << 20  # a million entries as JSON lines are about 350 MB
MAX_ENTRIES = 1_000_000  # per file: the largest registry that is measured; 700 MB of memory


def read_document(file: str) -> bytes:
    """All of a file, or of standard input for -. Raises OSError, ClickException for one that is too long."""
    if file == "-":
        document = sys.stdin.buffer.read(MAX_BYTES + 1)
    else:
        with Path(file).open("rb") as stream:
            document = stream.read(MAX_BYTES + 1)
    if len(document) > MAX_BYTES:
        raise click.ClickException(f"{file}: a file may be at most {MAX_BYTES >> 20} MiB long")
    return document


def limited(lines: Iterator[Line]) -> Iterator[Line]:
    """As many lines as a file may hold. Raises UnusableFile at the first that is too many."""
    for count, line in enumerate(lines, 1):
        if count > MAX_ENTRIES:
            raise UnusableFile(line.number, f"a file may hold at most {MAX_ENTRIES:,} entries")
        yield line


def read_registry(file: str) -> list[EntryFields]:
    """The entries of a file, in its order; its name says what it is, or else its first character.

    Bad rows are named on standard error and protect nobody. Raises OSError, ClickException for a file that cannot be
    read as a whole.
    """
    document = read_document(file)
    good = []
    bad = 0
    try:
        for line in limited(read_lines(document, SUFFIXES.get(Path(file).suffix.lower()) or _guessed(document))):
            if line.fields is not None:
                good.append(line.fields)
                continue
            bad += 1
            for fault in line.faults:
                note(f"{file}:{line.number}: {fault.message}")
    except UnusableFile as error:
        raise click.ClickException(f"{file}:{error.line}: {error}") from None
    if bad:
        note(f"sosie: {bad} of {bad + len(good)} rows cannot be taken and protect nobody")
    return good


def _guessed(document: bytes) -> str:
    return "jsonl" if document.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") else "csv"
