"""Whose Authentication-Results are believed (RFC 8601, 5): those of the hosts that a list itself receives its mail on.

An archive does not say which they are, but the mail shows it: results are put on top of the header, and the list's own
host writes on nearly every message, while the hosts of the authors' side, whose fields travel along, each write on few.
So the believed hosts of a list are those that stand first in at least one of a hundred of its messages. One that names
itself wrongly, as some that write `dkim=none` in the place of their name, is nobody.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from quality.letters import Letter
from sosie.mail.message import Message

SHARE = 0.01
_FIRST = re.compile(rb"^authentication-results:\s*([A-Za-z0-9.-]+)\s*[;0-9]", re.IGNORECASE | re.MULTILINE)
_DMARC = re.compile(r"\bdmarc\s*=\s*(\w+)")

Hosts = Mapping[str, frozenset[str]]


def believed_hosts(letters: Iterable[Letter]) -> Hosts:
    """The authserv-ids that are believed, by source."""
    messages: Counter[str] = Counter()
    first: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for letter in letters:
        messages[letter.source] += 1
        if found := _FIRST.search(letter.raw):
            first[letter.source][found[1].decode("ascii").lower()] += 1
    return {
        source: frozenset(host for host, count in first[source].items() if count >= SHARE * messages[source])
        for source in messages
    }


def dmarc_result(message: Message, hosts: Iterable[str]) -> str:
    """The DMARC result of the first field of a believed host that has one; empty if there is none."""
    for field in message.header_section.named("Authentication-Results"):
        value = field.value.decode("latin-1")
        authserv_id = value.strip().partition(";")[0].split()[:1]
        if authserv_id and authserv_id[0].lower() in hosts and (found := _DMARC.search(value)):
            return found[1].lower()
    return ""
