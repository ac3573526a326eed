"""What a command reads as a whole: a file, or standard input."""

from __future__ import annotations

import sys
from pathlib import Path

import click

MAX_BYTES = 512 << 20  # a million entries as JSON lines are about 350 MB


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
