"""A registry in a file: for an import into the database, and for commands that judge without one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from sosie.cli.entry_files import SUFFIXES, Line, UnusableFile, read_lines
from sosie.cli.output import note
from sosie.registry.entry import EntryFields

MAX_ENTRIES = 1_000_000  # per file: the largest registry that is measured; 700 MB of memory


def limited(lines: Iterator[Line]) -> Iterator[Line]:
    """As many lines as a file may hold. Raises UnusableFile at the first that is too many."""
    for count, line in enumerate(lines, 1):
        if count > MAX_ENTRIES:
            raise UnusableFile(line.number, f"a file may hold at most {MAX_ENTRIES:,} entries")
        yield line


def read_registry(file: str, document: bytes) -> tuple[list[EntryFields], int]:
    """The entries of a file's document, in its order, and how many rows are bad; the file's name says what it is, or
    else its first character.

    Bad rows are named on standard error and protect nobody. Raises ClickException for a document that cannot be read as
    a whole.
    """
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
    return good, bad


def _guessed(document: bytes) -> str:
    return "jsonl" if document.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") else "csv"
