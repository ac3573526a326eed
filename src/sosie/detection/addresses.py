"""Whose address this is: the forms in which one mailbox may be written.

Everywhere a subaddress (`jane+news@`) is taken for the mailbox before its plus sign (RFC 5233), because whoever runs
the domain decides who gets it. What else is one mailbox is the provider's word: dots and the second domain of Gmail
(support.google.com/mail/answer/7436150).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sosie.detection.identity import Identity
from sosie.detection.index import GMAIL, MAX_BEARERS, Index, gmail_form
from sosie.likeness.person_name import names_of
from sosie.mail.address import Address


def spellings(address: Address) -> Iterator[Address]:
    """The address, and others that reach the same mailbox."""
    yield address
    local_part, plus, _ = address.local_part.partition("+")
    if plus and local_part:
        yield Address(local_part, address.domain)
    if address.domain.lower() in GMAIL:
        yield Address(*gmail_form(address.compared).split("@", 1))


def belongs_to(address: Address, identity: Identity) -> bool:
    """Whether the address is one of the identity's own."""
    legitimate = identity.legitimate
    if any(legitimate.covers(spelling.text) for spelling in spellings(address)):
        return True
    if legitimate.addresses and address.domain.lower() in GMAIL:
        return gmail_form(address.compared) in map(gmail_form, legitimate.addresses)
    return False


def owners(address: Address, index: Index) -> tuple[Identity, ...]:
    """The identities that have this literal address, in any of its spellings."""
    return tuple({one.entry_id: one for spelling in spellings(address) for one in index.at_address(spelling)}.values())


def owner_among(address: Address, identities: Sequence[Identity], index: Index) -> Identity | None:
    """Which of the identities, or of their namesakes, the address belongs to.

    A name may have thousands of bearers, of whom `identities` are some, so the owners of the address are looked up.
    """
    if not identities:
        return None
    for one in owners(address, index):
        if any(one.entry_id == other.entry_id for other in identities):
            return one
        if len(identities) >= MAX_BEARERS and _names(one) & _names(identities[0]):
            return one
    return next((one for one in identities if one.is_regex and belongs_to(address, one)), None)


def _names(identity: Identity) -> set[tuple[str, ...]]:
    return {tuple(sorted(reading.words)) for reading in names_of(identity.name)}
