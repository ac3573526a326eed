"""Whose address this is: the forms in which one mailbox may be written.

Everywhere a subaddress (`jane+news@`) is taken for the mailbox before its plus sign (RFC 5233), because whoever runs
the domain decides who gets it. What else is one mailbox is the provider's word: dots and the second domain of Gmail
(support.google.com/mail/answer/7436150).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sosie.detection.identity import Identity
from sosie.detection.index import GMAIL, Index, gmail_form
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


def owner_among(address: Address, identities: Iterable[Identity], index: Index) -> Identity | None:
    """Which of the identities the address belongs to; of a thousand namesakes, the literal ones are looked up."""
    candidates = {one.entry_id: one for one in identities}
    if not candidates:
        return None
    for one in owners(address, index):
        if one.entry_id in candidates:
            return one
    patterns = (one for one in candidates.values() if one.is_regex)
    return next((one for one in patterns if belongs_to(address, one)), None)
