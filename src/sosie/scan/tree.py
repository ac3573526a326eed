"""Folders, walked in one order: within a folder first the messages, then the mailbox files, then the folders, by name.

A folder with cur and new in it is a Maildir; its own folders (.Sent) are folders in it. Everywhere else names ending in
.eml and .eml.gz are messages, and of other files the first lines say what they are; what holds no mail is told and
passed over. Links are followed, each folder is read once, and nothing is ever written.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from sosie.scan.files import Files, unique_of
from sosie.scan.kind import COMPRESSED, DBOX, LETTER, MBOX, SUFFIXES, kind_of_file
from sosie.scan.mbox import Range, Ranges, guess, ranges_of
from sosie.scan.pieces import BYTES_PER_PIECE, LETTERS_PER_PIECE, Cut, Place, Tell, Unreadable, shown

MAX_DEPTH = 100  # folders within folders: a path has at most 4096 octets (PATH_MAX)


class Tree(NamedTuple):
    """A folder, or one file."""

    top: bytes

    def cuts(self, after: Place | None, tell: Tell) -> Iterator[Cut]:
        """See `Source`."""
        mode = os.stat(self.top).st_mode  # noqa: PTH116 - all names here are octets
        if stat.S_ISDIR(mode):
            yield from _walk(self.top, [], _Walk(after, tell, set()))
            return
        if stat.S_ISFIFO(mode):
            raise OSError(None, "is a pipe, and a scan reads files: write what it brings to one")
        kind = kind_of_file(self.top)
        if kind in (COMPRESSED, DBOX):
            raise OSError(None, kind)
        folder = _Folder(self.top, [])
        if kind == MBOX:
            yield from folder.mailboxes([b""], after)
        else:  # who names a file says that it is a message
            yield from folder.messages([b""], after)

    def weigh(self) -> int | None:
        """The number of files, with a guess for large ones."""
        return _weigh(self.top, MAX_DEPTH, set())


class _Walk(NamedTuple):
    after: Place | None
    tell: Tell
    seen: set[tuple[int, int]]


class _Listing(NamedTuple):
    files: list[bytes]
    folders: list[bytes]


class _Folder(NamedTuple):
    path: bytes
    names: list[str]  # of the folders from the top on, as a Place holds them

    def messages(self, files: Sequence[bytes], after: Place | None, *, maildir: bool = False) -> Iterator[Cut]:
        """Cut them, in the order in which they are given."""
        left = (name for name in files if after is None or self._place(0, _fixed(name, maildir=maildir), 0) > after)
        while names := tuple(islice(left, LETTERS_PER_PIECE)):
            place = self._place(0, _fixed(names[-1], maildir=maildir), 0)
            yield Cut(place, Files(self.path, names, maildir) if names != (b"",) else Files(b"", (self.path,)))

    def mailboxes(self, files: Sequence[bytes], after: Place | None) -> Iterator[Cut]:
        """Large ones in pieces, small ones several in a piece."""
        gathered: list[Range] = []
        size = 0
        place: Place = []
        for name in files:
            path = self.path + b"/" + name if name else self.path
            for one in _ranges(path):
                if after is not None and self._place(1, name, one.start) <= after:
                    continue
                if gathered and size + one.end - one.start > BYTES_PER_PIECE:
                    yield Cut(place, Ranges(tuple(gathered)))
                    gathered, size = [], 0
                gathered.append(one)
                size += one.end - one.start
                place = self._place(1, name, one.start)
        if gathered:
            yield Cut(place, Ranges(tuple(gathered)))

    def unreadable(self, name: bytes, error: OSError, after: Place | None) -> Iterator[Cut]:
        """The folder itself, or a part of it, with an empty name or that of the part."""
        place = self._place(-1, name, 0)
        if after is None or place > after:
            path = self.path + b"/" + name if name else self.path
            yield Cut(place, Unreadable(shown(path), error.strerror or str(error)))

    def _place(self, kind: int, name: bytes, start: int) -> Place:
        return [self.names, kind, name.decode("latin-1"), start]


def _walk(path: bytes, names: list[str], walk: _Walk) -> Iterator[Cut]:
    folder = _Folder(path, names)
    try:
        status = os.stat(path)  # noqa: PTH116
        listing = _list(path)
    except OSError as error:
        yield from folder.unreadable(b"", error, walk.after)
        return
    if (status.st_dev, status.st_ino) in walk.seen or len(names) > MAX_DEPTH:
        return
    walk.seen.add((status.st_dev, status.st_ino))
    folders = sorted(listing.folders)
    if b"cur" in folders and b"new" in folders:
        yield from _maildir(folder, walk.after)
        folders = [name for name in folders if name not in (b"cur", b"new", b"tmp")]
    else:
        yield from _plain(folder, sorted(listing.files), walk)
    for name in folders:
        yield from _walk(path + b"/" + name, [*names, name.decode("latin-1")], walk)


def _plain(folder: _Folder, files: list[bytes], walk: _Walk) -> Iterator[Cut]:
    messages: list[bytes] = []
    mailboxes: list[bytes] = []
    for name in files:
        if name.lower().endswith(SUFFIXES):
            messages.append(name)
            continue
        path = folder.path + b"/" + name
        try:
            kind = kind_of_file(path)
        except OSError:
            kind = LETTER  # reading it as one fails again, and is told as a fault
        if kind == LETTER:
            messages.append(name)
        elif kind == MBOX:
            mailboxes.append(name)
        else:
            walk.tell(shown(path), kind)
    yield from folder.messages(messages, walk.after)
    yield from folder.mailboxes(mailboxes, walk.after)


def _maildir(folder: _Folder, after: Place | None) -> Iterator[Cut]:
    """All messages by the unique part of the name, wherever they are, so that one that is read meanwhile keeps its
    place."""
    names: list[bytes] = []
    for part in (b"cur", b"new"):
        try:
            names += [part + b"/" + name for name in _list(folder.path + b"/" + part).files]
        except OSError as error:
            yield from folder.unreadable(part, error, after)
    names.sort(key=unique_of)
    yield from folder.messages(names, after, maildir=True)


def _fixed(name: bytes, *, maildir: bool) -> bytes:
    return unique_of(name) if maildir else name


def _list(path: bytes) -> _Listing:
    files: list[bytes] = []
    folders: list[bytes] = []
    with os.scandir(path) as entries:
        for entry in entries:
            if _is_folder(entry):
                folders.append(entry.name)
            elif entry.is_symlink() or entry.is_file():  # a link that leads nowhere is told when it is read
                files.append(entry.name)
    return _Listing(files, folders)


def _is_folder(entry: os.DirEntry[bytes]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False  # a link to itself, or to where nobody may look


def _ranges(path: bytes) -> Iterator[Range]:
    try:
        size = os.stat(path).st_size  # noqa: PTH116
    except OSError:
        size = 1  # reading it fails again, and is told as a fault
    return ranges_of(path, size)


def _weigh(path: bytes, depth: int, seen: set[tuple[int, int]]) -> int:
    try:
        status = os.stat(path)  # noqa: PTH116
        if not stat.S_ISDIR(status.st_mode):
            return guess(status.st_size)
        if (status.st_dev, status.st_ino) in seen or depth < 0:
            return 0
        seen.add((status.st_dev, status.st_ino))
        listing = _list(path)
    except OSError:
        return 0
    if path.endswith((b"/cur", b"/new")):
        return len(listing.files)
    own = (1 if name.endswith(SUFFIXES) else _weigh(path + b"/" + name, 0, seen) for name in listing.files)
    below = (_weigh(path + b"/" + name, depth - 1, seen) for name in listing.folders if name != b"tmp")
    return sum(own) + sum(below)
