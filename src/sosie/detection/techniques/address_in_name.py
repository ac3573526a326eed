"""Address as name: the display name is, or holds, a protected address, and the mail comes from another one.

Examples: `From: "jane.roe@example.com" <x81@mail.example>`,
`From: "Jane Roe <jane.roe@example.com>" <x81@mail.example>`.
Programs that show the display name alone show the protected address.

Leaves alone addresses that the registry does not know (calendars and web shops put their customers' into names), and
mail that comes from one of the same person's addresses.
"""

from __future__ import annotations

import re

from sosie.detection.addresses import belongs_to, owners, spellings
from sosie.detection.authentication import aligned
from sosie.detection.case import Case, Claim
from sosie.detection.evidence import against, expected, of_address
from sosie.detection.identity import Identity
from sosie.detection.report import Report, found, shorten
from sosie.detection.signs import sign
from sosie.detection.verdict import Finding
from sosie.likeness.domain_name import is_freemail
from sosie.likeness.person_name import shown
from sosie.mail.address import Address

NAME = "address_in_name"
MAX_ADDRESSES = 4
_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:@]{1,64}\s?@\s?[^\s<>()\[\]\"',;:@]{1,255}")


def examine(case: Case) -> list[Finding]:
    """A finding for every author whose name holds the address of somebody else."""
    return [one for claim in case.authors if _may_hold_address(claim) if (one := _finding(case, claim))]


def _may_hold_address(claim: Claim) -> bool:
    name = claim.mailbox.display_name
    return "@" in name or (not name.isascii() and "@" in shown(name))


def _finding(case: Case, claim: Claim) -> Finding | None:
    text = shown(claim.mailbox.display_name)
    for portion in _ADDRESS.findall(text)[:MAX_ADDRESSES]:
        held = Address.from_header(portion.replace(" ", ""))
        people = _people_at(case, claim, held) if held else ()
        if held is None or not people or _is_own(case, claim, held, people):
            continue
        alone = portion.strip() == text.strip()
        signs = [sign("protected address as the name" if alone else "address in the name", held.text)]
        if claim.address:
            signs += of_address(case, claim.address, people)
        signs += against(case, claim, disguised=True)
        return found(
            NAME,
            claim,
            Report(
                portion=portion,
                reason=f"Protected Address {shorten(held.text)} should not appear as the name of {claim.shown_address}",
                expected=expected(people),
                signs=signs,
            ),
        )
    return None


def _people_at(case: Case, claim: Claim, held: Address) -> tuple[Identity, ...]:
    """Those whose address it is, also by a pattern where they are named too."""
    found = owners(held, case.knowledge.index)
    return found or tuple(one.identity for one in claim.matches if belongs_to(held, one.identity))


def _is_own(case: Case, claim: Claim, held: Address, people: tuple[Identity, ...]) -> bool:
    address = claim.address
    if address is None:
        return False
    if held.compared in {one.compared for one in spellings(address)}:
        return True
    mine = {one.entry_id for one in owners(address, case.knowledge.index)}
    if mine & {one.entry_id for one in people} or any(one.legitimate.covers(address.text) for one in people):
        return True
    same = aligned(address.domain, held.domain) and not is_freemail(address.domain)
    return same and case.is_authenticated(address.domain)
