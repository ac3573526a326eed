"""Who is named by a local part alone: an address at a free mail host, beside a display name that says nothing.

Anybody gets nearly any local part there. Two things are told apart: one that spells a person's name, and one that was
made to be taken for an address of theirs: with the domain's name behind it, with look-alike digits, or one slip away
from what they have at the same host. Only a whole address is looked for in a large registry: among many people
everybody has a namesake.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from sosie.detection.addresses import owners
from sosie.detection.claim import Claim
from sosie.detection.how import EXACT, JOINED, ONE_EDIT, TRANSLITERATED, WITHOUT_MIDDLE
from sosie.detection.identity import Identity
from sosie.detection.index import Index
from sosie.likeness.domain_name import is_freemail, registrable_domain, second_level_label
from sosie.likeness.edit_distance import edit_distance
from sosie.likeness.person_name import holds_role, readings
from sosie.mail.address import Address

MIN_LETTERS = 6  # of a local part that may spell a name
MAX_BEHIND = 2  # words at its end that are none of the name
MAX_LABELS = 8  # words of a local part that may spell an address: two for the domain and more
SURE = (EXACT, JOINED, TRANSLITERATED, WITHOUT_MIDDLE)
_TWO_SEPARATORS = re.compile(r"[._\-+=][^._\-+=]+[._\-+=]")
_SEPARATORS = re.compile(r"[._\-+=]+")
_AND_DIGITS = re.compile(r"[._\-+=\d]+")
_DIGIT_AMONG_LETTERS = re.compile(r"[^\W\d_]\d[^\W\d_]|^\d[^\W\d_]")


class SpeltName(NamedTuple):
    """Whom a local part means. `as_address` says by what it looks like an address of theirs; empty for a mere name.

    `text` is the part of it that says so.
    """

    claim: Claim
    address: Address
    people: tuple[Identity, ...]
    text: str
    as_address: str = ""


def spelt_name(claim: Claim, index: Index) -> SpeltName | None:
    """Whom the local part of this author means, whose display name means nobody."""
    address = claim.address
    if address is None or not (index.is_small or _TWO_SEPARATORS.search(address.local_part)):
        return None
    if not is_freemail(address.domain):
        return None
    name = claim.mailbox.display_name
    spelt = _whole_address(claim, address, index)
    if spelt is None and not index.is_small:
        return None
    if (name and not _says_nothing(name)) or owners(address, index):
        return None
    return spelt or _name(claim, address, index) or _almost(claim, address, index)


def _says_nothing(name: str) -> bool:
    """Whether a display name is an address, a single word, which is nobody's full name, or holds one of a matter or a
    role; else it is the name of whoever has the address."""
    return "@" in name or holds_role(name) or all(len(reading.words) == 1 for reading in readings(name)[:1])


def _whole_address(claim: Claim, address: Address, index: Index) -> SpeltName | None:
    """`jane.roe.example.com` or `jane-roe_example.com` for jane.roe@example.com."""
    labels = _SEPARATORS.split(address.local_part)
    if not 2 < len(labels) <= MAX_LABELS:
        return None
    for place in range(1, len(labels) - 1):
        people = index.at_address(Address(".".join(labels[:place]), ".".join(labels[place:])))
        if people:
            return SpeltName(claim, address, people, address.local_part, "all of a protected address is in it")
    return None


def _name(claim: Claim, address: Address, index: Index) -> SpeltName | None:
    """The name, without words at the end that are none of it."""
    words = [word for word in _AND_DIGITS.split(address.local_part) if word]
    if sum(map(len, words)) < MIN_LETTERS:
        return None
    for end in range(len(words), max(0, len(words) - MAX_BEHIND - 1), -1):
        people = _named(" ".join(words[:end]), index, SURE)
        if people:
            domains = {second_level_label(one.email.rpartition("@")[2].lower()) for one in people}
            behind = "the domain's name stands behind it" if domains.intersection(words[end:]) else ""
            return SpeltName(claim, address, people, " ".join(words[:end]), behind)
    return None


def _almost(claim: Claim, address: Address, index: Index) -> SpeltName | None:
    """The name with digits for letters, or one slip away from an address of the same host."""
    text = " ".join(word for word in _SEPARATORS.split(address.local_part) if word)
    if len(text) < MIN_LETTERS:
        return None
    if _DIGIT_AMONG_LETTERS.search(text) and (people := _named(text, index, (EXACT, JOINED))):
        return SpeltName(claim, address, people, text, "digits stand for letters")
    if address.domain not in index.domains and registrable_domain(address.domain):
        return None  # nobody has an address there
    people = tuple(one for one in _named(text, index, (ONE_EDIT,)) if _has_almost(one, address))
    return SpeltName(claim, address, people, text, "one slip away from an address there") if people else None


def _named(text: str, index: Index, ways: tuple[str, ...]) -> tuple[Identity, ...]:
    found = (match.identity for match in index.named(text) if match.how in ways)
    return tuple(one for one in found if len(one.name) >= MIN_LETTERS)


def _has_almost(identity: Identity, address: Address) -> bool:
    host, ours = registrable_domain(address.domain), address.local_part.casefold()
    for text in islice(identity.legitimate.addresses, MAX_LABELS):
        theirs, _, domain = text.casefold().rpartition("@")
        if registrable_domain(domain) == host and edit_distance(ours, theirs, 1) == 1:
            return True
    return False
