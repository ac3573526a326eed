"""Who is verified now, and who waits for it, so that no sender takes the places of others.

Theory of operation. What fills a place is waiting for name servers, and whoever sends may own those, and make them
slow. So a letter is its client's network's and its author's domain's, and neither may have more places than are free:
one alone gets half of them, two get two thirds (the dynamic threshold by which switches share their memory), and who
has none yet finds one. Of those who wait, the next is whose network and domain have the fewest.

A network is what one sender is given: an IPv4 /24, an IPv6 /64. Letters with authors of several domains are all one
domain's: nearly nobody writes such, and one slow domain among them must not count as that of the other author.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter

from sosie.access.client_address import read_address
from sosie.likeness.domain_name import a_label_domain, registrable_domain
from sosie.mail.message import Message

Sources = tuple[str, ...]

PREFIXES = {4: 24, 6: 64}  # RFC 6177, 2; no smaller IPv4 network than a /24 has a route of its own
SEVERAL = "several"


def sources_of(message: Message, ip: str) -> Sources:
    """Whose the letter is: a network, unless nobody says which host sent it, and a domain."""
    found = {mailbox.address.domain for mailbox in message.author if mailbox.address is not None}
    domains = {registrable_domain(name) or name for name in map(a_label_domain, found)}
    domain = "@" + (domains.pop() if len(domains) == 1 else SEVERAL)
    address = read_address(ip.partition("%")[0])
    if address is None:
        return (domain,)
    return str(ipaddress.ip_network((int(address), PREFIXES[address.version]), strict=False)), domain


class Places:
    """For one event loop. `under_way` letters at a time, `together` with those that wait."""

    def __init__(self, under_way: int, together: int) -> None:
        self._under_way, self._together = _Shared(under_way), _Shared(together)
        self._waiting: list[tuple[Sources, asyncio.Future[None]]] = []

    def is_crowded(self, sources: Sources) -> bool:
        """Whether any letter of one of these waits."""
        return any(not set(sources).isdisjoint(waiting) for waiting, _ in self._waiting)

    async def take(self, sources: Sources) -> bool:
        """Wait for a place, to be given back once; False where nobody of these may even wait."""
        if not self._together.has_one_for(sources):
            return False
        self._together.take(sources)
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((sources, turn))
        self._let_in()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._waiting.remove((sources, turn))
                self._together.give_back(sources)
            else:
                self.give_back(sources)
            raise
        return True

    def give_back(self, sources: Sources) -> None:
        """What `take` gave."""
        self._together.give_back(sources)
        self._under_way.give_back(sources)
        self._let_in()

    def _let_in(self) -> None:
        while may := [one for one in self._waiting if not one[1].done() and self._under_way.has_one_for(one[0])]:
            sources, turn = best = min(may, key=lambda one: self._under_way.taken_by(one[0]))  # the first of equals
            self._waiting.remove(best)
            self._under_way.take(sources)
            turn.set_result(None)


class _Shared:
    """Places, of which a source may have as many as are free."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._taken: Counter[str] = Counter()

    def has_one_for(self, sources: Sources) -> bool:
        return all(self._taken[source] < self._free for source in sources)

    def taken_by(self, sources: Sources) -> int:
        return sum(self._taken[source] for source in sources)

    def take(self, sources: Sources) -> None:
        self._free -= 1
        self._taken.update(sources)

    def give_back(self, sources: Sources) -> None:
        self._free += 1
        self._taken.subtract(sources)
        for source in sources:
            if not self._taken[source]:
                del self._taken[source]
