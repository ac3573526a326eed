"""The words between the specials of an address list, and what they mean as a display name, a comment or an address.

Part of `mailbox`, which has the theory of operation; nothing here keeps state.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from sosie.mail.address import Address, AddressError
from sosie.mail.defect import Defect
from sosie.mail.encoded_words import ENCODED_WORD_PATTERN, decode_encoded_words

# Kinds of token: the numbers of the groups in the patterns below.
WHITE_SPACE, ENCODED_WORD, DOMAIN_LITERAL, ATOM, QUOTED_PAIR, QUOTED_STRING, SPECIAL = range(1, 8)

_TOKENS = rf"""(?sx)
      ([ \t\v\f]++)
    | ({ENCODED_WORD_PATTERN})
    | (\[[^\[\]\\\s]*+\])
    | ([^ \t\v\f()<>@,;:\\"]++)   # with its dots, and in RFC 6532's wider sense
    | \\(.)                       # outside of a quoted string
    | %s                          # the content of a quoted string
    | (.)
    """
TOKEN = re.compile(_TOKENS % r'"((?:[^"\\]++|\\.)*+)"')
TOKEN_AFTER_STRAY_QUOTE = re.compile(_TOKENS % r"((?!))")  # no quoted string is tried again: see `mailbox`, 3

_QUOTED_PAIRS = re.compile(r"\\(.)", re.DOTALL)
_SPECIAL_IN_ENCODED_WORD = re.compile(r'[()<>@,;:\\"]')  # RFC 2047, 5(3) forbids more; these change how others split


_SPELLING = {QUOTED_STRING: '"%s"', QUOTED_PAIR: "\\%s"}  # of a kind whose text is not all of it


class Word(NamedTuple):
    """A token: its kind, its text (a quoted string's without the quotes), and whether white space stands before it."""

    kind: int
    text: str
    spaced: bool

    def is_special(self, text: str) -> bool:
        """Whether this is the special `text`, outside of quotes."""
        return self.kind == SPECIAL and self.text == text


def has_at_sign(words: Sequence[Word]) -> bool:
    """Whether an unquoted `@` is among them."""
    return any(word.text == "@" and word.kind == SPECIAL for word in words)


def set_apart(words: Sequence[Word]) -> list[Word]:
    """The same words, with white space before the first."""
    return [words[0]._replace(spaced=True), *words[1:]] if words else []


def phrase_from_words(words: Sequence[Word], defects: set[Defect]) -> str:
    """The display name or group name that the words spell (RFC 5322, 3.2.5; RFC 2047, 5(3))."""
    pieces: list[str] = []
    for kind, text, spaced in words:
        if spaced and pieces:
            pieces.append(" ")
        if kind == QUOTED_STRING:
            content = _QUOTED_PAIRS.sub(r"\1", text) if "\\" in text else text
            if "=?" in content and decode_encoded_words(content).text != content:
                defects.add(Defect.ENCODED_WORD_IN_QUOTED_STRING)
            pieces.append(content)
            continue
        if kind == QUOTED_PAIR:
            defects.add(Defect.UNQUOTED_BACKSLASH)
        if kind == ENCODED_WORD and _SPECIAL_IN_ENCODED_WORD.search(text):
            defects.add(Defect.SPECIAL_IN_ENCODED_WORD)
        pieces.append(text)
    return _decoded("".join(pieces), defects)


def text_from_comments(comments: Sequence[str], defects: set[Defect]) -> str:
    """What the comments say, without their outer parentheses (RFC 5322, 3.2.2)."""
    if not comments:
        return ""
    return _decoded(_QUOTED_PAIRS.sub(r"\1", " ".join(comments)), defects)


def address_from_words(words: Sequence[Word], defects: set[Defect]) -> str:
    """The address as it stands, without its route (RFC 5322, 4.4) and without white space around dots and `@`."""
    if not words:
        return ""
    words = _without_route(words, defects)
    pieces: list[str] = []
    before = ""
    for kind, text, spaced in words:
        piece = _SPELLING.get(kind, "%s") % text
        if kind == ENCODED_WORD:
            defects.add(Defect.ENCODED_WORD_IN_ADDRESS)
        if spaced and pieces:
            defects.add(Defect.WHITE_SPACE_IN_ADDRESS)
            if before not in "@." and piece[0] not in "@.":
                pieces.append(" ")
        pieces.append(piece)
        before = piece[-1]
    address = "".join(pieces)
    try:
        Address.from_text(address)
    except AddressError:
        defects.add(Defect.INVALID_ADDRESS)
    return address


def runs_from_words(words: Sequence[Word]) -> list[list[Word]]:
    """Split at white space, commas and colons, but not around an `@` or a lone dot: so one run holds one address."""
    runs: list[list[Word]] = []
    before = Word(SPECIAL, ":", spaced=False)
    for word in words:
        named = before.kind == QUOTED_STRING and word.kind == ATOM and word.text[0] != "."  # "Jane"jane@example.com
        apart = named or (word.spaced and not _binds(before) and not _binds(word))
        if apart or _separates(before) or _separates(word):
            runs.append([word])
        else:
            runs[-1].append(word)
        before = word
    return runs


def _binds(word: Word) -> bool:
    return word.text == "." or word.is_special("@")


def _separates(word: Word) -> bool:
    return word.kind == SPECIAL and word.text != "@"


def _without_route(words: Sequence[Word], defects: set[Defect]) -> Sequence[Word]:
    if words[0].is_special("@"):
        for index, word in enumerate(words):
            if word.is_special(":"):
                defects.add(Defect.ROUTE)
                return words[index + 1 :]
    return words


def _decoded(text: str, defects: set[Defect]) -> str:
    if "=?" in text:
        decoded = decode_encoded_words(text)
        defects |= decoded.defects
        text = decoded.text
    return text.strip(" \t")
