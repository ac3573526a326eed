"""Author name: From bears a protected name beside an address that is not one of that person's.

Example: `From: Jane Roe <jane.roe.ceo@gmail.example>`, where the registry knows Jane Roe as jane.roe@example.com; and
every disguise of the name: another order, look-alike or invisible letters, letters spaced out, titles and roles around
it, a short form, initials, a slip of the finger.

Several people may have one name: an address that is legitimate for one of them is legitimate. Misses a name that is
only alike in meaning, and in a large registry every name that is not the same after normalization.
"""

from __future__ import annotations

import re

from sosie.detection.case import Case, Claim
from sosie.detection.evidence import against, expected, of_address, of_name
from sosie.detection.report import Report, found, named
from sosie.detection.signs import Sign, sign
from sosie.detection.verdict import Finding
from sosie.likeness.person_name import roles_beside

NAME = "author_name"
_NO_ROLES = frozenset({"via", "on", "behalf", "of", "from", "for", "at", "by", "the", "und", "and", "in"})
_VIA = re.compile(r"\b(?:via|on behalf of|über|через)\s+\S.{0,60}", re.IGNORECASE)


def examine(case: Case) -> list[Finding]:
    """A finding for every author who bears a protected name and none of its addresses."""
    return [_finding(case, claim) for claim in case.authors if claim.is_false]


def _finding(case: Case, claim: Claim) -> Finding:
    identities = [match.identity for match in claim.matches]
    signs = [*of_name(claim), *_around(claim)]
    if claim.address:
        signs += of_address(case, claim.address, identities)
    signs += against(case, claim, disguised=any(one.name == "disguise" for one in signs))
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
    name = claim.mailbox.display_name
    roles = [role for role in roles_beside(name, claim.matches[0].identity.name) if role not in _NO_ROLES]
    signs = [sign("role beside the name", " ".join(roles))] if roles else []
    service = _VIA.search(name)
    return [*signs, sign("via an unknown service", service[0])] if service else signs
