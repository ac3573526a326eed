"""What the files and the workers of a scan speak of: pieces of work, the letters in them, and places to go on from.

A source (a folder, a mailbox file, an IMAP account) is cut into pieces, always in the same order and at the same
places, however many workers there are. A piece knows how to read its letters, in whatever process it is. It is named by
the place where it ends, so that one place says how far a scan has come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, Protocol

LETTERS_PER_PIECE = 1000
BYTES_PER_PIECE = 4 << 20  # of mailbox files: a thousand letters of the size that most have

# Lists, texts and numbers as JSON holds them. Places of one source are in the order of its pieces.
Place = list[Any]

# Of a file that is passed over because it holds no mail: its name, and why.
Tell = Callable[[str, str], None]


class Letter(NamedTuple):
    """`source` says where it was found, for people and programs. `raw` is at least its header section; where it cannot
    be read, `fault` says why."""

    source: str
    raw: bytes
    fault: str = ""


class Piece(Protocol):
    """A value that other processes can be sent."""

    @property
    def source(self) -> str:
        """What it is a piece of, for when it cannot be read as a whole."""

    @property
    def weight(self) -> int:
        """How many letters there may be in it: exact for files, a guess for mailboxes in one file."""

    def letters(self) -> Iterator[Letter]:
        """The letters in their order. Raises OSError where the whole piece cannot be read."""


class Unreadable(NamedTuple):
    """The piece that stands for what cannot be opened at all."""

    source: str
    reason: str

    @property
    def weight(self) -> int:
        """Nothing."""
        return 0

    def letters(self) -> Iterator[Letter]:
        """One, with the fault."""
        yield Letter(self.source, b"", self.reason)


class Cut(NamedTuple):
    """A piece, and the place up to which everything has been read when it has."""

    place: Place
    piece: Piece


class Source(Protocol):
    """Something that holds mail."""

    def cuts(self, after: Place | None, tell: Tell) -> Iterator[Cut]:
        """All pieces, or those after a place. Raises OSError where it cannot be read at all."""

    def weigh(self) -> int | None:
        """How many letters there are, roughly; None where asking costs as much as reading them."""


def shown(name: bytes) -> str:
    """A file's name as text: it may be any octets, and JSON may not."""
    return name.decode("utf-8", "replace")
