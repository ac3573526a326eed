"""Author name: From bears a protected name beside an address that is not one of that person's.

Example: `From: Jane Roe <jane.roe.ceo@gmail.example>`, where the registry knows Jane Roe as jane.roe@example.com; and
every disguise of the name: another order, look-alike or invisible letters, letters spaced out, titles and roles around
it, a short form, initials, a slip of the finger.

Several people may have one name: an address that is legitimate for one of them is legitimate. Misses a name that is
only alike in meaning, and in a large registry every name that is not the same after normalization. Who says to write
for somebody is `on_behalf`'s; a name that is there as a part of an address only is that of `address_as_name` and
`address_in_name`.
"""

from __future__ import annotations

from sosie.detection.case import Case
from sosie.detection.claim import Claim
from sosie.detection.evidence import expected, of_author
from sosie.detection.report import Report, found, named
from sosie.detection.verdict import Finding

NAME = "author_name"


def examine(case: Case) -> list[Finding]:
    """A finding for every author who bears a protected name and none of its addresses."""
    return [_finding(case, claim) for claim, said in case.false_authors if not said and not _is_of_address(case, claim)]


def _is_of_address(case: Case, claim: Claim) -> bool:
    """Whether nobody is named but by a protected address in the name."""
    held = [one for one in case.named_addresses if one.claim is claim]
    return bool(held) and not case.knowledge.index.named(held[0].rest)


def _finding(case: Case, claim: Claim) -> Finding:
    identities = [match.identity for match in claim.matches]
    return found(
        NAME,
        claim,
        Report(
            portion=claim.matches[0].portion,
            reason=f"Protected Name {named(identities)} should not appear as {claim.shown_address}",
            expected=expected(identities),
            signs=of_author(case, claim),
        ),
    )
