"""Whose Authentication-Results are believed, where nobody has said: learnt from the mail server's own name.

A mail server that authenticates writes its results under its own name (macro j) on top of every message (RFC 8601, 5).
One that does not leaves that to whoever sends mail: such a field is then a forgery. So a name is believed once PROOF
messages in a row had a result of it topmost, and no longer from the first message on that has none.
"""

from __future__ import annotations

from collections.abc import Callable

from sosie.mail.message import Message

PROOF = 20  # messages: who wants to be believed must send them with nobody else's mail between them
MAX_NAMES = 64  # mail servers have one name each

Tell = Callable[[str], None]


class Authenticators:
    """`believe` and `disbelieve` are told the names, in lower case."""

    def __init__(self, believe: Tell, disbelieve: Tell) -> None:
        self._believe = believe
        self._disbelieve = disbelieve
        self._in_a_row: dict[str, int] = {}

    def see(self, message: Message, mta_name: str) -> None:
        """A message that this mail server took from outside, before it is judged."""
        name = mta_name.lower()
        seen = self._in_a_row.get(name)
        if seen is None:
            if len(self._in_a_row) >= MAX_NAMES:
                return
            seen = 0
        if seen >= PROOF:
            if b"authentication-results" not in message.header_section.names:
                self._in_a_row[name] = 0
                self._disbelieve(name)
            return
        proven = _may_be_of(message, name) and message.authentication_results[0].authserv_id.lower() == name
        self._in_a_row[name] = seen + 1 if proven else 0
        if self._in_a_row[name] == PROOF:
            self._believe(name)


def _may_be_of(message: Message, name: str) -> bool:
    """Whether the topmost field holds the name at all: most that do not are told apart without being read."""
    section = message.header_section
    if b"authentication-results" not in section.names:
        return False
    return name.encode("utf-8", "replace") in section.lines[section.names.index(b"authentication-results")].lower()
