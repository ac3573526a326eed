"""What the past half of the mail teaches: who wrote under which name from which address, and how that was vouched for.

A pair counts as authenticated by the results of a believed host only. Half of the lists wrote no results at all in the
past, so the other extreme is measured too: all of the past taken as vouched for, as somebody would take it who has
looked through a mailbox.
"""

from __future__ import annotations

from collections.abc import Iterable

from quality.hosts import Hosts
from quality.letters import Letter
from sosie.detection.history import Acquaintance, gathered
from sosie.mail.message import Message
from sosie.registry.moments import to_rfc3339_seconds
from sosie.screening.learning import learn_received


def learn(letters: Iterable[Letter], hosts: Hosts, *, vouched: bool) -> tuple[Acquaintance, ...]:
    """Who wrote, each name with each address once. `vouched` takes every message as authenticated."""
    seen = (
        one._replace(authenticated=1) if vouched else one
        for letter in letters
        for one in learn_received(Message.from_bytes(letter.raw), hosts[letter.source], to_rfc3339_seconds(letter.time))
    )
    return tuple(gathered(seen))
