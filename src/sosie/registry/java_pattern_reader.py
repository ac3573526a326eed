r"""A pattern as tokens, and the refusal of a piece of it.

A `Reader` takes ``\Q...\E`` out of the pattern first, as Java does before anything else: a quoted character becomes a
token of two characters, ``Qx``, which equals nothing of the syntax, so that what is quoted is never read as syntax.
"""

from __future__ import annotations


class Refused(Exception):
    """`construct` is the piece of the pattern at `offset`, in code points, that cannot be taken; `reason` says why."""

    def __init__(self, construct: str, offset: int, reason: str) -> None:
        super().__init__(reason)
        self.construct = construct
        self.offset = offset
        self.reason = reason


class Reader:
    r"""The tokens of a pattern without ``\Q...\E``, and how far they have been read."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0
        self.wide_ranges = 0
        self._tokens: list[str] = []
        self._offsets: list[int] = []
        self._take_quotations_out()
        self.end = len(self._tokens)
        self._tokens.append("")
        self._offsets.append(len(pattern))

    def _take_quotations_out(self) -> None:
        pattern, start = self.pattern, 0
        while (backslash := pattern.find("\\", start)) >= 0:
            if pattern[backslash + 1 : backslash + 2] != "Q":
                self._add(start, backslash + 2)
                start = backslash + 2
                continue
            self._add(start, backslash)
            stop = pattern.find("\\E", backslash + 2)
            stop = len(pattern) if stop < 0 else stop
            if stop == backslash + 2:
                raise Refused(pattern[backslash : stop + 2], backslash, r"`\Q` quotes nothing; remove it")
            self._tokens.extend("Q" + character for character in pattern[backslash + 2 : stop])
            self._offsets.extend(range(backslash + 2, stop))
            start = stop + 2
        self._add(start, len(pattern))

    def _add(self, start: int, stop: int) -> None:
        self._tokens.extend(self.pattern[start:stop])
        self._offsets.extend(range(start, min(stop, len(self.pattern))))

    def peek(self, ahead: int = 0) -> str:
        """The next token, "" at the end: one character, or "Q" and a quoted one."""
        place = self.at + ahead
        return self._tokens[place] if place < self.end else ""

    def text(self, length: int) -> str:
        """The next tokens as one string, for comparing with syntax."""
        return "".join(self._tokens[self.at : self.at + length])

    def offset(self, place: int) -> int:
        return self._offsets[place]

    def refusal(self, start: int, reason: str, stop: int | None = None) -> Refused:
        """A refusal of the tokens from `start` up to `stop`, or up to where reading stands."""
        offset = self._offsets[start]
        end = self._offsets[min(self.end, self.at if stop is None else stop)]
        construct = self.pattern[offset : max(end, offset + 1)]
        return Refused(construct, offset, reason)
