"""Split an address list into its members (RFC 5322, 3.4 and 4.4), whatever it is made of.

Theory of operation. An address list that two programs read differently is how a forged sender gets past the one and
before the eyes of a person in the other. So this reader returns every mailbox that a known mail client may show, and
names as defects what the grammar does not allow. It never raises.

1. Octets have become text, in which encoded words stay as they are: each is one token, decoded when the phrase around
   it is complete. So `=?utf-8?q?=22John=22_=3Cceo=40example=2Ecom=3E?=` is a display name that looks like an address,
   and never an address.
2. One pass over tokens. Words (atoms, quoted strings, encoded words, domain literals) are collected until a special
   says what they were: `<` makes them a display name; a comma, a semicolon or the end makes them an address without
   angle brackets (`x@example.org (John Doe)` has its name in the comment, as in RFC 822), or, if no `@` is among them,
   the first part of a name with an unquoted comma (`Doe, John <x@example.org>`).
3. What is opened and never closed is read as if it had not been opened. That nothing closes it is found out once for
   quoted strings and once for comments; therefore the whole takes linear time. Comments are counted, not recursed into.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import NamedTuple

from sosie.mail.address_words import (
    SPECIAL,
    TOKEN,
    TOKEN_AFTER_STRAY_QUOTE,
    WHITE_SPACE,
    Word,
    has_at_sign,
    runs_from_words,
    set_apart,
)
from sosie.mail.defect import Defect

# A mailbox is about eight tokens, so these are some 250 mailboxes in one field. Postfix rewrites 10,240 tokens of a
# field (header_address_token_limit); but there they are recipients, and here the sender chooses the cost of a message.
MAX_TOKENS = 2048
MAX_LAST_TOKENS = 32  # of the last address of a field that has more

# RFC 5322 sets no limit. Honest mail nests once or twice; Python's own parser dies of some hundreds.
MAX_COMMENT_DEPTH = 32

_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)


class Member(NamedTuple):
    """One mailbox in words: before its address, of its address, the comments beside it, the name of its group.

    `group` is None outside of groups. A member that has nothing but a group is an empty group.
    """

    name: list[Word]
    address: list[Word]
    comments: list[str]
    group: list[Word] | None


def split_address_list(text: str, max_tokens: int = MAX_TOKENS) -> tuple[list[Member], set[Defect]]:
    """Split unfolded text in which encoded words are not yet decoded. Never raises."""
    reader = _Reader(text)
    reader.read(max_tokens)
    return reader.members, reader.defects


class _Place(Enum):
    """Where the next word belongs."""

    NAME = auto()  # before any "<": a display name, or an address without angle brackets
    ANGLE = auto()  # between "<" and ">"
    AFTER = auto()  # behind ">"


@dataclass(slots=True)
class _Reader:
    """The state between two tokens. Made for one text, and `read` once."""

    text: str
    members: list[Member] = field(default_factory=list)
    defects: set[Defect] = field(default_factory=set)
    position: int = 0
    last_semicolon: int = -1
    place: _Place = _Place.NAME
    name: list[Word] = field(default_factory=list)
    angle: list[Word] = field(default_factory=list)
    after: list[Word] = field(default_factory=list)
    held: int = 0  # how many words of `name` stand before an unquoted comma, that comma included
    in_route: bool = False
    spaced: bool = False
    comments: list[str] = field(default_factory=list)
    quotes_close: bool = True
    comments_close: bool = True
    group: list[Word] | None = None
    group_start: int = -1  # how many members there were when the open group began; negative outside of groups

    def read(self, max_tokens: int) -> None:
        """Read the whole text, or as much of it as the limit allows and the last address, which some programs take."""
        self.last_semicolon = self.text.rfind(";")
        self.read_tokens(max_tokens)
        if self.position < len(self.text):
            self.defects.add(Defect.TOO_MANY_TOKENS)
            if has_at_sign(self.words()):
                self.end_mailbox()
            last_comma = self.text.rfind(",")
            bare = last_comma if "@" in self.text[last_comma:] else -1
            self.position = max(self.position, self.text.rfind("<"), bare)
            self.read_tokens(MAX_LAST_TOKENS)
        self.end()

    def read_tokens(self, limit: int) -> None:
        pattern = TOKEN if self.quotes_close else TOKEN_AFTER_STRAY_QUOTE
        words = self.words()
        for _ in range(limit):
            token = pattern.match(self.text, self.position)
            if token is None:
                return
            kind = token.lastindex or SPECIAL
            text = token[kind]
            self.position = token.end()
            if kind == WHITE_SPACE:
                self.spaced = True
            elif kind != SPECIAL or text == "@":
                words.append(Word(kind, text, self.spaced))
                self.spaced = False
            elif text == '"':
                self.defects.add(Defect.UNTERMINATED_QUOTED_STRING)
                self.quotes_close = False
                pattern = TOKEN_AFTER_STRAY_QUOTE
            else:
                _SPECIALS[text](self)
                words = self.words()

    def words(self) -> list[Word]:
        """Where the next word belongs."""
        if self.place is _Place.ANGLE:
            return self.angle
        return self.name if self.place is _Place.NAME else self.after

    def open_comment(self) -> None:
        """Skip to behind the ")" that belongs to this "(", or go on here if there is none (RFC 5322, 3.2.2)."""
        self.spaced = True
        if not self.comments_close:
            return
        depth = 1
        for mark in _PARENTHESIS.finditer(self.text, self.position):
            depth += _DEPTH.get(mark[0], 0)
            if not depth:
                self.comments.append(self.text[self.position : mark.start()])
                self.position = mark.end()
                if self.place is _Place.ANGLE:
                    self.defects.add(Defect.COMMENT_IN_ADDRESS)
                return
            if depth > MAX_COMMENT_DEPTH:
                self.defects.add(Defect.COMMENT_TOO_DEEP)
                break
        else:
            self.defects.add(Defect.UNTERMINATED_COMMENT)
        self.comments_close = False

    def close_comment(self) -> None:
        """A ")" outside of comments."""
        self.defects.add(Defect.STRAY_PARENTHESIS)
        self.spaced = True

    def end_in_backslash(self) -> None:
        """The last character of the text; everywhere else a backslash begins a quoted pair."""
        self.defects.add(Defect.UNQUOTED_BACKSLASH)

    def open_angle(self) -> None:
        if self.place is _Place.ANGLE:
            self.leave_angle(Defect.MISSING_ANGLE_BRACKET)
        elif self.place is _Place.AFTER:
            self.leave_angle(Defect.MISSING_COMMA)
            self.name += set_apart(self.after)
        self.place = _Place.ANGLE
        self.angle = []
        self.in_route = False
        self.spaced = False

    def close_angle(self) -> None:
        if self.place is _Place.ANGLE:
            self.place = _Place.AFTER
            self.after = []
        else:
            self.defects.add(Defect.STRAY_ANGLE_BRACKET)

    def leave_angle(self, defect: Defect) -> None:
        """Where no mailbox should end: one does if the words behind its "<" hold an `@`; else they are of a name."""
        if has_at_sign(self.angle):
            self.defects.add(defect)
            self.add_mailbox()
        else:
            self.defects.add(Defect.STRAY_ANGLE_BRACKET)
            self.name += set_apart(self.angle)
            self.place = _Place.NAME

    def read_comma(self) -> None:
        if self.place is _Place.ANGLE:
            self.in_route = self.in_route or (len(self.angle) > 1 and self.angle[0].is_special("@"))
            if self.in_route:  # <@a.example,@b.example:jane@example.com>
                self.angle.append(Word(SPECIAL, ",", self.spaced))
                return
            self.leave_angle(Defect.MISSING_ANGLE_BRACKET)
        if self.place is _Place.NAME and not has_at_sign(self.name[self.held :]):
            if len(self.name) > self.held:
                self.name.append(Word(SPECIAL, ",", spaced=False))
                self.held = len(self.name)
            return
        self.end_mailbox()

    def read_colon(self) -> None:
        if self.place is _Place.NAME and self.name and self.position <= self.last_semicolon:
            self.start_group()
            return
        self.in_route = False
        if self.place is not _Place.ANGLE:
            self.defects.add(Defect.UNQUOTED_COLON)
        self.words().append(Word(SPECIAL, ":", self.spaced))
        self.spaced = False

    def read_semicolon(self) -> None:
        self.end_mailbox()
        if self.group_start < 0:
            self.defects.add(Defect.SEMICOLON_AS_SEPARATOR)
        self.end_group()

    def start_group(self) -> None:
        """RFC 5322, 3.4; allowed in From by RFC 6854."""
        if self.group_start >= 0:
            self.defects.add(Defect.NESTED_GROUP)
            self.end_group()
        self.note_unquoted_specials()
        self.group = self.name
        self.group_start = len(self.members)
        self.start_mailbox()

    def end_group(self) -> None:
        if len(self.members) == self.group_start:
            self.members.append(Member([], [], [], self.group))
        self.group = None
        self.group_start = -1

    def end(self) -> None:
        """The text is over, perhaps within a group whose semicolon stood in a comment or quoted string."""
        self.end_mailbox()
        self.end_group()
        if not self.members:
            self.defects.add(Defect.MISSING_ADDRESS)

    def start_mailbox(self) -> None:
        self.place = _Place.NAME
        self.name = []
        self.held = 0
        self.comments = []

    def end_mailbox(self) -> None:
        if self.place is _Place.ANGLE:
            self.leave_angle(Defect.MISSING_ANGLE_BRACKET)
        elif self.place is _Place.AFTER and has_at_sign(self.after):
            self.leave_angle(Defect.MISSING_COMMA)
            self.name += set_apart(self.after)
        if self.place is _Place.NAME:
            self.add_bare_mailboxes()
            return
        if self.after:
            self.defects.add(Defect.TEXT_AFTER_ADDRESS)
            self.name += set_apart(self.after)
        self.add_mailbox()

    def add_mailbox(self) -> None:
        """The one whose address stands in angle brackets."""
        self.note_unquoted_specials()
        self.add(self.name, self.angle, self.comments)
        self.start_mailbox()

    def add_bare_mailboxes(self) -> None:
        """Those whose addresses stand in `name`, without angle brackets."""
        runs = runs_from_words(self.name[self.held :])
        last = max((index for index, run in enumerate(runs) if has_at_sign(run)), default=-1)
        if last < 0:
            if self.name[-1:] and self.name[-1].is_special(","):
                self.name.pop()
            if self.name or (self.comments and not self.members):
                self.add(self.name, [], self.comments)
            self.start_mailbox()
            return
        if self.held:
            self.add(self.name[: self.held - 1], [], [])
        name: list[Word] = []
        for index, run in enumerate(runs[: last + 1]):
            if not has_at_sign(run):
                name += run
                continue
            if index < last:
                self.defects.add(Defect.MISSING_COMMA)
            elif runs[last + 1 :]:
                self.defects.add(Defect.TEXT_AFTER_ADDRESS)
                name += [word for behind in runs[last + 1 :] for word in behind]
            if name:
                self.defects.add(Defect.MISSING_ANGLE_BRACKETS)
            self.add(name, run, self.comments)
            self.comments = []
            name = []
        self.start_mailbox()

    def note_unquoted_specials(self) -> None:
        if self.held:
            self.defects.add(Defect.UNQUOTED_COMMA)
        if has_at_sign(self.name):
            self.defects.add(Defect.UNQUOTED_AT_SIGN)

    def add(self, name: list[Word], address: list[Word], comments: list[str]) -> None:
        if not address:
            self.defects.add(Defect.MISSING_ADDRESS)
        self.members.append(Member(name, address, comments, self.group))


_DEPTH = {"(": 1, ")": -1}
_SPECIALS: dict[str, Callable[[_Reader], None]] = {
    "(": _Reader.open_comment,
    ")": _Reader.close_comment,
    "<": _Reader.open_angle,
    ">": _Reader.close_angle,
    ",": _Reader.read_comma,
    ":": _Reader.read_colon,
    ";": _Reader.read_semicolon,
    "\\": _Reader.end_in_backslash,
}
