"""Folders, walked in one order: within a folder first the messages, then the mailbox files, then the folders, by name.

A folder with cur and new in it is a Maildir; its own folders (.Sent) are folders in it. Everywhere else names ending in
.eml and .eml.gz are messages, and of other files the first lines say what they are; what holds no mail is told and
passed over. Links are followed, each folder is read once, and nothing is ever written.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from sosie.scan.files import Files, unique_of
from sosie.scan.mbox import Range, Ranges, guess, ranges_of
from sosie.scan.pieces import BYTES_PER_PIECE, LETTERS_PER_PIECE, Cut, Place, Tell, shown

LETTER, MBOX, NEITHER = "letter", "mbox", ""
SNIFFED = 4096  # octets
MAX_DEPTH = 100  # folders within folders: a path has at most 4096 octets (PATH_MAX)
SUFFIXES = (b".eml", b".eml.gz")

_FIRST_FIELD = re.compile(rb"[!-9;-~]++[ \t]*:")
_TELLING_FIELD = re.compile(
    rb"^(?:From|Received|Return-Path|Message-ID|Delivered-To)[ \t]*:", re.IGNORECASE | re.MULTILINE
)


class Tree(NamedTuple):
    """A folder, or one file."""

    top: bytes

    def cuts(self, after: Place | None, tell: Tell) -> Iterator[Cut]:
        """See `Source`."""
        if stat.S_ISDIR(os.stat(self.top).st_mode):  # noqa: PTH116 - all names here are octets
            yield from _walk(self.top, [], _Walk(after, tell, set()))
            return
        folder = _Folder(self.top, [])
        if kind_of_file(self.top) == MBOX:
            yield from folder.mailboxes([b""], after)
        else:
            yield from folder.messages([b""], after)

    def weigh(self) -> int | None:
        """The number of files, with a guess for large ones."""
        return _weigh(self.top, MAX_DEPTH)


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

    def _place(self, kind: int, name: bytes, start: int) -> Place:
        return [self.names, kind, name.decode("latin-1"), start]


def _walk(path: bytes, names: list[str], walk: _Walk) -> Iterator[Cut]:
    try:
        status = os.stat(path)  # noqa: PTH116
        listing = _list(path)
    except OSError:
        place: Place = [names, -1, "", 0]
        if walk.after is None or place > walk.after:
            yield Cut(place, Files(b"", (path,)))  # reading it fails again, and is told as a fault
        return
    if (status.st_dev, status.st_ino) in walk.seen or len(names) > MAX_DEPTH:
        return
    walk.seen.add((status.st_dev, status.st_ino))
    folder = _Folder(path, names)
    folders = sorted(listing.folders)
    if b"cur" in folders and b"new" in folders:
        yield from folder.messages(_maildir(path), walk.after, maildir=True)
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
        if kind == NEITHER:
            walk.tell(shown(path), "holds no mail")
        else:
            (messages if kind == LETTER else mailboxes).append(name)
    yield from folder.messages(messages, walk.after)
    yield from folder.mailboxes(mailboxes, walk.after)


def _maildir(path: bytes) -> list[bytes]:
    """All messages by the unique part of the name, wherever they are, so that one that is read meanwhile keeps its
    place."""
    names = [b"cur/" + name for name in _list(path + b"/cur").files]
    names += [b"new/" + name for name in _list(path + b"/new").files]
    names.sort(key=unique_of)
    return names


def _fixed(name: bytes, *, maildir: bool) -> bytes:
    return unique_of(name) if maildir else name


def _list(path: bytes) -> _Listing:
    files: list[bytes] = []
    folders: list[bytes] = []
    with os.scandir(path) as entries:
        for entry in entries:
            if entry.is_dir():
                folders.append(entry.name)
            elif entry.is_file() or entry.is_symlink():  # a link that leads nowhere is told when it is read
                files.append(entry.name)
    return _Listing(files, folders)


def _ranges(path: bytes) -> Iterator[Range]:
    try:
        size = os.stat(path).st_size  # noqa: PTH116
    except OSError:
        size = 1  # reading it fails again, and is told as a fault
    return ranges_of(path, size)


def kind_of_file(path: bytes) -> str:
    """What the first lines of a file say. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        return kind_of(path, os.read(descriptor, SNIFFED))
    finally:
        os.close(descriptor)


def kind_of(name: bytes, beginning: bytes) -> str:
    """What the first octets of a file say; an empty file holds no message, and so it is a mailbox without any."""
    if name.endswith(SUFFIXES):
        return LETTER
    beginning = beginning.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n")
    if beginning.startswith(b"From ") or not beginning or name.endswith(b".mbox"):
        return MBOX
    is_letter = _FIRST_FIELD.match(beginning) and _TELLING_FIELD.search(beginning)
    return LETTER if is_letter else NEITHER


def _weigh(path: bytes, depth: int) -> int:
    try:
        status = os.stat(path)  # noqa: PTH116
        if not stat.S_ISDIR(status.st_mode):
            return guess(status.st_size)
        listing = _list(path)
    except OSError:
        return 0
    if path.endswith((b"/cur", b"/new")):
        return len(listing.files)
    own = (1 if name.endswith(SUFFIXES) else _weigh(path + b"/" + name, 0) for name in listing.files)
    below = (_weigh(path + b"/" + name, depth - 1) for name in listing.folders if name != b"tmp") if depth else ()
    return sum(own) + sum(below)
