"""Sender and Resent fields: they bear a protected name beside a stranger's address.

Example: `From: Office <x81@mail.example>` with `Sender: Jane Roe <x81@mail.example>`. Some programs show "Jane Roe on
behalf of Office".

What these fields say is shown by few programs, so it weighs little, unless the name is in disguise or the address is
at a free mail host that has nothing to do with the name.
"""

from __future__ import annotations

from itertools import chain

from sosie.detection.case import Case
from sosie.detection.claim import Claim
from sosie.detection.evidence import against, expected, of_address, of_name
from sosie.detection.report import Report, found, named
from sosie.detection.signs import sign
from sosie.detection.verdict import Finding

NAME = "sender_name"
MAX_MAILBOXES = 4
_FIELDS = frozenset({b"sender", b"resent-from", b"resent-sender"})


def examine(case: Case) -> list[Finding]:
    """A finding for every such field that bears a protected name and none of its addresses."""
    message = case.message
    if _FIELDS.isdisjoint(message.header_section.names):
        return []
    fields = (
        ("Sender", message.sender),
        ("Resent-From", message.resent_from),
        ("Resent-Sender", message.resent_sender),
    )
    claims = chain.from_iterable(
        (case.claim(field, mailbox) for mailbox in mailboxes[:MAX_MAILBOXES]) for field, mailboxes in fields
    )
    return [_finding(case, claim) for claim in claims if claim.is_false and not _is_an_author(case, claim)]


def _is_an_author(case: Case, claim: Claim) -> bool:
    """Whether From says the same: then that is what is wrong."""
    mine = claim.address.compared if claim.address else ""
    return any(author.address and author.address.compared == mine and author.matches for author in case.authors)


def _finding(case: Case, claim: Claim) -> Finding:
    identities = [match.identity for match in claim.matches]
    signs = [sign("name in Sender"), *of_name(claim)]
    if claim.address:
        signs += of_address(case, claim.address, identities)
    signs += against(case, claim)
    return found(
        NAME,
        claim,
        Report(
            portion=claim.matches[0].portion,
            reason=f"Protected Name {named(identities)} should not send as {claim.shown_address}",
            expected=expected(identities),
            signs=signs,
        ),
    )
