"""The DNS as verifying needs it: some kinds of records, answers kept for their time, and few questions per message.

Theory of operation. Whoever sends a message chooses which names are asked for, and may own the servers that answer: so
a message has so many questions and so much time (`Questions`), an answer is only so large, and what is kept of answers
is bounded in octets (`Resolver`). The resolver of this machine follows CNAMEs and finds the servers; an answer of it
that leads in a circle is no answer. "There is no such record" is an answer, an empty one; that nobody can say now is
`Undecided`, which RFC 8601, 2.7 calls temperror.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import dns.exception
import dns.name
import dns.resolver

Records = tuple[Any, ...]

# Of one message. SPF may ask 10 times, and for 10 hosts of each MX (RFC 7208, 4.6.4); DMARC 8 times per domain (RFC
# 9989, 4.10); honest mail asks some ten times in all.
MAX_QUESTIONS = 100

SPARE_SECONDS = 1.5  # of one message, for what does not decide about the author
TRY_SECONDS = 1.5  # one server's time for an answer, of which the whole message has three
UDP_OCTETS = 1232  # of an answer over UDP (DNS flag day 2020); longer ones come over TCP

# Of one answer. A domain of a large company has some 80 TXT records with 6 KiB in all.
MAX_RECORDS = 128
MAX_ANSWER = 16 * 1024

MAX_KEPT = 16 << 20  # octets of all answers that are kept, each with what it costs beside them
ANSWER_COST = 512
LEAST_SECONDS, MOST_SECONDS = 5.0, 3600.0  # that an answer is kept, whatever its TTL
FAILURE_SECONDS = 5.0  # RFC 2308, 7: at most five minutes


class Undecided(Exception):
    """The DNS does not say now; later it may. As text, of which name."""


class Resolver:
    """Asks the resolver of this machine, or the one at `nameserver` (address and port). Any thread may ask.

    Raises dns.resolver.NoResolverConfiguration where neither is there.
    """

    def __init__(self, nameserver: tuple[str, int] | None = None) -> None:
        self._dns = dns.resolver.Resolver(configure=nameserver is None)
        if nameserver is not None:
            self._dns.nameservers, self._dns.port = [nameserver[0]], nameserver[1]
        self._dns.timeout = TRY_SECONDS
        self._dns.use_edns(0, 0, UDP_OCTETS)
        self._kept = _Kept()

    def look_up(self, name: str, kind: str, allow: Callable[[], float]) -> Records:
        """The records of this kind ("TXT", "A", "AAAA", "MX", "PTR") at a name; empty if there are none.

        TXT: octets, the strings of each joined (RFC 7208, 3.3). MX: (preference, name). Names end without a dot.
        `allow` is called before the DNS is asked, and gives the seconds for it. Raises Undecided.
        """
        asked = _name(name)
        if asked is None:
            return ()
        key = (asked.to_text().lower(), kind)
        kept = self._kept.get(key)
        if kept is None:
            records, seconds = self._ask(asked, kind, allow())
            self._kept.put(key, records, seconds)
        else:
            records = kept[0]
        if records is None:
            raise Undecided(name)
        return records

    def _ask(self, name: dns.name.Name, kind: str, seconds: float) -> tuple[Records | None, float]:
        """The records, None where nobody can say, and how long that holds."""
        try:
            answer = self._dns.resolve(name, kind, raise_on_no_answer=False, lifetime=seconds)
        except dns.resolver.NXDOMAIN as error:
            return (), min(error.response(known).resolve_chaining().minimum_ttl for known in error.qnames())  # type: ignore[no-untyped-call]
        except (dns.exception.DNSException, OSError, ValueError):
            return None, FAILURE_SECONDS if seconds >= TRY_SECONDS else 0.0
        if answer.rrset is None:
            return (), answer.chaining_result.minimum_ttl
        records = tuple(_READ[kind](rdata) for rdata in answer.rrset) if len(answer.rrset) <= MAX_RECORDS else ()
        if not records or sum(map(_octets, records)) > MAX_ANSWER:
            return None, FAILURE_SECONDS
        return records, answer.chaining_result.minimum_ttl


class Questions:
    """What one message may ask in `seconds` from now, and in `spare` seconds once it hurries."""

    def __init__(self, resolver: Resolver, seconds: float) -> None:
        self._resolver = resolver
        self._deadline = time.monotonic() + seconds
        self.left = MAX_QUESTIONS
        self.spare = SPARE_SECONDS

    def ask(self, name: str, kind: str) -> Records:
        """See Resolver.look_up. Raises Undecided, too, where time or questions are used up."""

        def allow() -> float:
            seconds = self._deadline - time.monotonic()
            if seconds <= 0 or self.left <= 0:
                raise Undecided(name)
            self.left -= 1
            return seconds

        return self._resolver.look_up(name, kind, allow)

    def hurry(self) -> None:
        """What comes now matters less."""
        self._deadline = min(self._deadline, time.monotonic() + self.spare)

    @contextmanager
    def share(self, parts: int) -> Iterator[None]:
        """At most one part of the time that is left; what is not used is the others'."""
        whole = self._deadline
        now = time.monotonic()
        self._deadline = now + (whole - now) / parts
        try:
            yield
        finally:
            self._deadline = whole


class _Kept:
    """Answers by name and kind until their time is over; of too many, those go that were not asked for longest."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[str, str], tuple[Records | None, float, int]] = OrderedDict()
        self._octets = 0
        self._lock = Lock()

    def get(self, key: tuple[str, str]) -> tuple[Records | None] | None:
        """The records in a tuple, or None if they are not known."""
        with self._lock:
            kept = self._answers.get(key)
            if kept is None or kept[1] < time.monotonic():
                return None
            self._answers.move_to_end(key)
            return (kept[0],)

    def put(self, key: tuple[str, str], records: Records | None, seconds: float) -> None:
        """Keep them."""
        if records is not None:
            seconds = min(max(seconds, LEAST_SECONDS), MOST_SECONDS)
        octets = ANSWER_COST + len(key[0]) + sum(map(_octets, records or ()))
        with self._lock:
            self._octets += octets - self._answers.pop(key, (None, 0.0, 0))[2]
            self._answers[key] = records, time.monotonic() + seconds, octets
            while self._octets > MAX_KEPT:
                self._octets -= self._answers.popitem(last=False)[1][2]


def _name(text: str) -> dns.name.Name | None:
    """None where no domain can be called so. A-labels alone are asked for, and no escapes (RFC 4343, 2.1): a name must
    be the one that is compared, and not what a library makes of it."""
    if not text.isascii() or "\\" in text:
        return None
    try:
        name = dns.name.from_text(text)
    except (dns.exception.DNSException, UnicodeError):
        return None
    return name if len(name) > 1 else None


def _host(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True)


_READ: dict[str, Callable[[Any], Any]] = {
    "TXT": lambda rdata: b"".join(rdata.strings),
    "A": lambda rdata: rdata.address,
    "AAAA": lambda rdata: rdata.address,
    "MX": lambda rdata: (rdata.preference, _host(rdata.exchange)),
    "PTR": lambda rdata: _host(rdata.target),
}


def _octets(record: Any) -> int:
    return len(record[1]) if isinstance(record, tuple) else len(record)
