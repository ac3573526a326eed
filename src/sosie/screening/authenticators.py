"""Whose Authentication-Results are believed, where nobody has said: learnt from the mail server's own name.

A mail server that authenticates writes its results under its own name (macro j) on top of every message (RFC 8601, 5).
One that does not leaves that to whoever sends mail: such a field is then a forgery. So a name is believed once PROOF
messages in a row, from several networks, had a result of it topmost, and no longer from the first message on that has
none. Each time that a message has none, the row must be twice as long: where nobody writes results, an hour of ordinary
mail makes it longer than a stranger's night. What remains is a stranger with several networks who comes first after a
start; a name that is set is not learnt, and "none" learns none.
"""

from __future__ import annotations

from collections.abc import Callable

from sosie.access.client_address import neighbourhood
from sosie.mail.message import Message

PROOF = 20  # messages: who wants to be believed must send them with nobody else's mail between them
MOST_DOUBLED = 30  # times: a thousand million messages in a row
NETWORKS = 3  # that they come from: a stranger has one, or pays for more
MAX_NAMES = 64  # mail servers have one name each

Tell = Callable[[str], None]


class Authenticators:
    """`believe` and `disbelieve` are told the names, in lower case."""

    def __init__(self, believe: Tell, disbelieve: Tell) -> None:
        self._believe = believe
        self._disbelieve = disbelieve
        self._in_a_row: dict[str, int] = {}
        self._networks: dict[str, set[str]] = {}
        self._wanted: dict[str, int] = {}  # how many in a row, where that is more than PROOF

    def see(self, message: Message, mta_name: str, ip: str) -> None:
        """A message that this mail server took from outside, from the client at `ip`, before it is judged."""
        name = mta_name.lower()
        seen = self._in_a_row.get(name)
        if seen is None:
            if len(self._in_a_row) >= MAX_NAMES:
                return
            seen = 0
        wanted = self._wanted.get(name, PROOF)
        bare = b"authentication-results" not in message.header_section.names
        if bare:
            self._wanted[name] = min(2 * wanted, PROOF << MOST_DOUBLED)
        networks = self._networks.setdefault(name, set())
        if seen >= wanted:
            if bare:
                self._in_a_row[name] = 0
                networks.clear()
                self._disbelieve(name)
            return
        proven = _may_be_of(message, name) and message.authentication_results[0].authserv_id.lower() == name
        if not proven:
            self._in_a_row[name] = 0
            networks.clear()
            return
        if len(networks) < NETWORKS:
            networks.add(_network(ip))
        # A row from one place goes on until another joins in.
        self._in_a_row[name] = min(seen + 1, wanted if len(networks) >= NETWORKS else wanted - 1)
        if self._in_a_row[name] == wanted:
            self._believe(name)


def _network(ip: str) -> str:
    """What one stranger has of the addresses: the /24 of an IPv4 address, the /64 of one of IPv6."""
    one = neighbourhood(ip)
    return one if ":" in one else one.rpartition(".")[0]


def _may_be_of(message: Message, name: str) -> bool:
    """Whether the topmost field holds the name at all: most that do not are told apart without being read."""
    section = message.header_section
    if b"authentication-results" not in section.names:
        return False
    return name.encode("utf-8", "replace") in section.lines[section.names.index(b"authentication-results")].lower()
