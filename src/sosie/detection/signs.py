"""What weighs how much: every sign that a technique can see, and the chance that it alone means fraud.

Signs are taken as independent: the score of a finding is one minus the product of what each of its signs leaves open
(noisy or). So one strong sign suffices, and several weak ones add up. Signs that speak against fraud multiply the score
down. The numbers were chosen on real mail with bench/quality, and are meant to be read and argued about.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sosie.detection.verdict import THRESHOLDS

WEIGHTS = {
    # How the name was understood.
    "exact": 0.50,
    "joined": 0.50,
    "transliterated": 0.46,
    "short form": 0.35,
    "without middle name": 0.46,
    "among other words": 0.30,
    "initials": 0.30,
    "one edit": 0.35,
    "another spelling": 0.30,
    "two edits": 0.30,
    "shortened": 0.30,
    # What is wrong with it.
    "disguise": 0.90,  # invisible, mixed or styled letters, bidi: nearly none among honest names
    "letters spaced out": 0.60,
    "address in the name": 0.80,
    "protected address as the name": 0.93,
    "via an unknown service": 0.35,
    "role beside the name": 0.10,
    # Where it comes from.
    "free mail": 0.30,
    "address without the name": 0.45,  # at a free mail host, the local part shares nothing with the name
    "not authenticated": 0.30,
    "authentication failed": 0.75,
    "address of a role": 0.25,  # office.desk71@, exec77@: nobody's name
    "rank in the address": 0.70,  # jane.roe.ceo@: people do not put their rank into their addresses
    "SPF failed": 0.50,  # and there is no DMARC result
    "not authenticated as before": 0.50,
    "could not be verified": 0.50,  # no answer of its own name servers, no time, or too long a body
    "not enough to verify by": 0.30,  # a remark: the door had the header alone, or nobody said who sent it
    "look-alike domain": 0.90,
    "like the domain": 0.50,
    "same local part": 0.50,
    "local part spells the name": 0.40,
    "like a protected address": 0.50,  # its domain's name behind it, digits for letters, one slip away
    "unknown subdomain": 0.30,
    # Where answers go.
    "answers go to free mail": 0.40,
    "answers go to a look-alike": 0.92,
    "name in Reply-To": 0.30,
    "name in Subject": 0.25,
    "name in Sender": 0.20,
    # The message itself.
    "several authors": 0.46,
    "header cut": 0.46,  # what is not read may hold another From
    "malformed From": 0.50,
    "contradictory authentication results": 0.50,
}

AGAINST = {
    "known pair": 0.30,  # this name has written from this address before, authenticated
    "we wrote there": 0.50,
    "common name": 0.90,
    "notification service": 0.60,  # with its own DKIM signature
    "to oneself": 0.60,  # all who get it are the person, as the envelope says
    "address bears its own name": 0.60,
    "own domain, authenticated": 0.20,
    "same domain, authenticated": 0.40,
    "mailing list": 0.30,  # it put itself into From, and says whose address it stands for
    "ARC passed": 0.70,  # a trusted host believes the seals
    "relayed by a list": 0.70,  # which explains a failure, if one believes the list
}


class Sign(NamedTuple):
    """One thing seen: `weight` is the chance of fraud by itself, or a factor (`against`) below one."""

    name: str
    weight: float
    text: str = ""
    against: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({self.text})" if self.text else self.name


def sign(name: str, text: str = "") -> Sign:
    """A sign with its weight from the tables."""
    return Sign(name, WEIGHTS[name], text) if name in WEIGHTS else Sign(name, AGAINST[name], text, against=True)


# What nearly proves fraud is never explained away: what speaks against it lowers it by one disposition at most.
GRAVE, LEAST_OF_GRAVE = THRESHOLDS[0][0], THRESHOLDS[1][0]


def score_of(signs: Iterable[Sign]) -> float:
    """The score of these signs, 0 to 1, of two digits."""
    left = 1.0
    factor = 1.0
    for one in signs:
        if one.against:
            factor *= one.weight
        else:
            left *= 1 - one.weight
    score = (1 - left) * factor
    if round(1 - left, 2) >= GRAVE:
        score = max(score, LEAST_OF_GRAVE)
    return round(score, 2)
