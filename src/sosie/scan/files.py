"""Files with one message each: the pieces of Maildir and of trees of .eml files."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from typing import NamedTuple

from sosie.scan.header import read_header_of
from sosie.scan.pieces import Letter, shown


class Files(NamedTuple):
    """Messages by the names of their files below one folder. `maildir`: they are in its cur and new, where other
    programs rename them (https://cr.yp.to/proto/maildir.html): a name ends in ":" and flags, and moves from new to cur.
    """

    folder: bytes
    names: tuple[bytes, ...]
    maildir: bool = False

    @property
    def source(self) -> str:
        """The folder."""
        return shown(self.folder)

    @property
    def weight(self) -> int:
        """The number of files."""
        return len(self.names)

    def letters(self) -> Iterator[Letter]:
        """One a file; a file that cannot be read is a letter with a fault."""
        moved: dict[bytes, bytes] | None = None
        for name in self.names:
            path = self.folder + b"/" + name if self.folder else name
            try:
                yield Letter(shown(path), read_header_of(path))
            except OSError as error:
                if self.maildir and error.errno == errno.ENOENT:
                    moved = _now_in(self.folder) if moved is None else moved
                    path = moved.get(unique_of(name), path)
                yield _second_try(path) if self.maildir else _unreadable(path, error)


def unique_of(name: bytes) -> bytes:
    """The part of a Maildir file's name that never changes."""
    return name.rpartition(b"/")[2].partition(b":")[0]


def _now_in(maildir: bytes) -> dict[bytes, bytes]:
    """Where each message is by now."""
    return {
        unique_of(name): maildir + b"/" + folder + b"/" + name
        for folder in (b"new", b"cur")
        for name in os.listdir(maildir + b"/" + folder)  # noqa: PTH208 - a hundred thousand names, and all are octets
    }


def _second_try(path: bytes) -> Letter:
    try:
        return Letter(shown(path), read_header_of(path))
    except OSError as error:
        return _unreadable(path, error)


def _unreadable(path: bytes, error: OSError) -> Letter:
    return Letter(shown(path), b"", error.strerror or str(error))
