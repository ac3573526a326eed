"""An address in a display name: whose it is, and whether it is the author's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from sosie.detection.addresses import belongs_to, owners, spellings
from sosie.detection.authentication import aligned
from sosie.detection.claim import Claim
from sosie.detection.identity import Identity
from sosie.detection.index import Index
from sosie.likeness.domain_name import is_freemail
from sosie.likeness.person_name import shown
from sosie.mail.address import Address

MAX_ADDRESSES = 4  # of one name that are looked at
_OTHER_AT_SIGNS = re.compile("[\ufe6b\uff20]")  # small and fullwidth: those with this compatibility form (UAX 15)
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:@]{1,64}\s?@\s?[^\s<>()\[\]\"',;:@]{1,255}")


class NamedAddress(NamedTuple):
    """A protected address in an author's name that is not the author's own: as it stands there, and who has it.

    `rest` is what else the name shows; empty where it is the address and nothing else.
    """

    claim: Claim
    portion: str
    address: Address
    people: tuple[Identity, ...]
    rest: str


def may_hold_address(name: str) -> bool:
    """Whether an at sign stands in it, or another character that is shown as one."""
    return "@" in name or (not name.isascii() and _OTHER_AT_SIGNS.search(name) is not None)


def named_address(claim: Claim, index: Index, is_authenticated: Callable[[str], bool]) -> NamedAddress | None:
    """The first such address; `is_authenticated` says whether trusted results vouch for a domain."""
    text = shown(claim.mailbox.display_name)
    if "@" not in text:
        return None
    for portion in _ADDRESS.findall(text)[:MAX_ADDRESSES]:
        held = Address.from_header(portion.replace(" ", ""))
        people = _people_at(claim, held, index) if held else ()
        if held is not None and people and not _is_own(claim, held, people, index, is_authenticated):
            return NamedAddress(claim, portion, held, people, text.replace(portion, "", 1).strip())
    return None


def _people_at(claim: Claim, held: Address, index: Index) -> tuple[Identity, ...]:
    """Those whose address it is, also by a pattern where they are named too."""
    found = owners(held, index)
    return found or tuple(one.identity for one in claim.matches if belongs_to(held, one.identity))


def _is_own(
    claim: Claim,
    held: Address,
    people: tuple[Identity, ...],
    index: Index,
    is_authenticated: Callable[[str], bool],
) -> bool:
    address = claim.address
    if address is None:
        return False
    if held.compared in {one.compared for one in spellings(address)}:
        return True
    mine = {one.entry_id for one in owners(address, index)}
    if mine & {one.entry_id for one in people} or any(one.legitimate.covers(address.text) for one in people):
        return True
    same = aligned(address.domain, held.domain) and not is_freemail(address.domain)
    return same and is_authenticated(address.domain)
