"""Author name: From bears a protected name beside an address that is not one of that person's.

Example: `From: Jane Roe <jane.roe.ceo@gmail.example>`, where the registry knows Jane Roe as jane.roe@example.com; and
every disguise of the name: another order, look-alike or invisible letters, letters spaced out, titles and roles around
it, a short form, initials, a slip of the finger.

Several people may have one name: an address that is legitimate for one of them is legitimate. Misses a name that is
only alike in meaning, and in a large registry every name that is not the same after normalization.
"""

from __future__ import annotations

from sosie.detection.case import Case, Claim
from sosie.detection.evidence import against, expected, of_address, of_name
from sosie.detection.report import Report, found, named
from sosie.detection.signs import Sign, sign
from sosie.detection.verdict import Finding
from sosie.likeness.person_name import roles_beside

NAME = "author_name"


def examine(case: Case) -> list[Finding]:
    """A finding for every author who bears a protected name and none of its addresses."""
    return [_finding(case, claim) for claim in case.authors if claim.is_false]


def _finding(case: Case, claim: Claim) -> Finding:
    identities = [match.identity for match in claim.matches]
    signs = [*of_name(claim), *_around(claim)]
    if claim.address:
        signs += of_address(case, claim.address, identities)
    signs += against(case, claim)
    return found(
        NAME,
        claim,
        Report(
            portion=claim.matches[0].portion,
            reason=f"Protected Name {named(identities)} should not appear as {claim.shown_address}",
            expected=expected(identities),
            signs=signs,
        ),
    )


def _around(claim: Claim) -> list[Sign]:
    roles = roles_beside(claim.mailbox.display_name, claim.matches[0].identity.name)
    return [sign("role beside the name", " ".join(roles))] if roles else []
