"""Mail on shared or object storage, by the URLs of fsspec (s3://, gcs://, file:// ...): what `tree` and `mbox` do.

Names alone say what is a message: .eml, .eml.gz, or a file in cur or new; of others the first octets are read. Folders
are not asked for one by one, so the order is that of the whole names.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from typing import Any, NamedTuple

from sosie.scan.header import FIRST, MOST, is_whole
from sosie.scan.kind import LETTER, MBOX, SNIFFED, kind_of
from sosie.scan.mbox import guess, letters_between
from sosie.scan.pieces import BYTES_PER_PIECE, LETTERS_PER_PIECE, Cut, Letter, Place, Tell

AT_ONCE = 100  # files that are asked for at the same time: object storage answers each in some 50 ms
_GZIP = 16 + zlib.MAX_WBITS


class RemoteFiles(NamedTuple):
    """Messages, one a file."""

    url: str
    names: tuple[str, ...]

    @property
    def source(self) -> str:
        """Where they are."""
        return self.url

    @property
    def weight(self) -> int:
        """The number of files."""
        return len(self.names)

    def letters(self) -> Iterator[Letter]:
        """One a file; a file that cannot be read is a letter with a fault."""
        storage = _storage(self.url)
        for first in range(0, len(self.names), AT_ONCE):
            names = self.names[first : first + AT_ONCE]
            found = _asked(storage.cat_ranges, list(names), 0, FIRST, on_error="return")
            for name, raw in zip(names, found, strict=True):
                yield _letter(storage, name, raw)


class RemoteRange(NamedTuple):
    """Messages that begin in a stretch of a mailbox file."""

    url: str
    name: str
    start: int
    end: int

    @property
    def source(self) -> str:
        """The file."""
        return _shown(_storage(self.url), self.name)

    @property
    def weight(self) -> int:
        """As many as there would be of the usual size."""
        return guess(self.end - self.start)

    def letters(self) -> Iterator[Letter]:
        """All of them."""
        storage = _storage(self.url)

        def read_at(offset: int, size: int) -> bytes:
            return _read(storage, self.name, offset, offset + size)

        yield from letters_between(self.source, read_at, self.start, self.end)


class Remote(NamedTuple):
    """All files below a URL, or one file."""

    url: str

    def cuts(self, after: Place | None, tell: Tell) -> Iterator[Cut]:
        """See `Source`. A place is whether it is in a mailbox file, the name of a file and an offset in it."""
        storage = _storage(self.url)
        found = _asked(storage.find, _path(self.url), detail=True)
        sizes = {name: about["size"] for name, about in found.items() if not name.endswith("/")}  # those are folders
        storage.invalidate_cache()  # it would keep all it knows of each file
        found.clear()
        if not sizes:
            raise FileNotFoundError(2, "No such file or directory", self.url)
        messages: list[str] = []
        mailboxes: list[str] = []
        for name in sorted(sizes):
            kind = _kind(storage, name, sizes[name])
            if kind == LETTER:
                messages.append(name)
            elif kind == MBOX:
                mailboxes.append(name)
            else:
                tell(_shown(storage, name), kind)
        left = [name for name in messages if after is None or [0, name, 0] > after]
        for first in range(0, len(left), LETTERS_PER_PIECE):
            names = tuple(left[first : first + LETTERS_PER_PIECE])
            yield Cut([0, names[-1], 0], RemoteFiles(self.url, names))
        for name in mailboxes:
            for start in range(0, sizes[name], BYTES_PER_PIECE):
                if after is None or [1, name, start] > after:
                    end = min(start + BYTES_PER_PIECE, sizes[name])
                    yield Cut([1, name, start], RemoteRange(self.url, name, start, end))

    def weigh(self) -> int | None:
        """Nobody knows before asking."""
        return None


def _storage(url: str) -> Any:
    """The file system of a URL. Raises OSError where fsspec, or what it needs for this kind, is not installed."""
    return _opened(url, os.getpid())


@lru_cache(maxsize=8)
def _opened(url: str, _process: int) -> Any:
    """One for each process: the connections and the thread of another are of no use to a worker that was forked."""
    try:
        url_to_fs = import_module("fsspec.core").url_to_fs
    except ImportError:
        raise OSError(None, "this kind of address needs fsspec: install sosie[cluster]") from None
    try:
        storage, _ = url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise OSError(None, str(error)) from None
    return storage


def _asked(call: Callable[..., Any], *given: Any, **options: Any) -> Any:
    """What the storage answers. Each kind has errors of its own; here all of them are an OSError."""
    try:
        return call(*given, **options)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - there is no other class that all of them have
        raise OSError(None, f"{type(error).__name__}: {error}") from None


def _read(storage: Any, name: str, start: int, end: int) -> bytes:
    """These octets of a file, or as many as there are. By name: a kind of storage may have other parameters between."""
    found: bytes = _asked(storage.cat_file, name, start=start, end=end)
    return found


def _shown(storage: Any, name: str) -> str:
    url: str = storage.unstrip_protocol(name)
    return url


def _path(url: str) -> str:
    path: str = _storage(url)._strip_protocol(url)  # noqa: SLF001 - fsspec's own name for what it documents
    return path


def _kind(storage: Any, name: str, size: int) -> str:
    if name.endswith((".eml", ".eml.gz")) or name.rpartition("/")[0].endswith(("/cur", "/new")):
        return LETTER
    try:
        first = _read(storage, name, 0, SNIFFED)
    except OSError as error:
        if size == 0 and not isinstance(error, FileNotFoundError | PermissionError):
            return MBOX  # S3 refuses any range of an empty object
        return LETTER  # reading it as one fails again, and is told as a fault
    return kind_of(name.encode("utf-8", "surrogateescape"), first)


def _letter(storage: Any, name: str, raw: bytes | Exception) -> Letter:
    """Raises OSError where nothing can be read any more, and not this file alone."""
    source = _shown(storage, name)
    if isinstance(raw, Exception):
        return Letter(source, b"", _fault(storage, name, raw))
    try:
        if name.endswith(".gz"):
            return Letter(source, zlib.decompressobj(_GZIP).decompress(_read(storage, name, 0, MOST), MOST))
        if len(raw) == FIRST and not is_whole(raw):
            return Letter(source, _read(storage, name, 0, MOST))
        return Letter(source, raw)
    except (OSError, zlib.error) as error:
        return Letter(source, b"", _words(error))


def _fault(storage: Any, name: str, error: Exception) -> str:
    """What is wrong with this file: nothing, where it is empty and so has no octets to ask for. Raises OSError."""
    try:
        return _words(error) if _asked(storage.size, name) else ""
    except (FileNotFoundError, PermissionError) as gone:
        return _words(gone)


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
