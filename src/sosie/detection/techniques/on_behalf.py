"""On behalf of somebody: From says to write for, or through a service for, a protected person, and is nobody's of hers.

Examples: `From: Jane Roe via SignDesk <x81@mail.example>`, `From: SignDesk on behalf of Jane Roe <x82@mail.example>`,
and how lists and programs say it in other languages.

The reader expects a strange address there, which is why it is worth something to who pretends; and any service can be
named. A mailing list that agrees with itself is judged by the author whom it names, and a service that signed the mail
itself (DKIM) lowers the score; the words exempt nobody. Misses a service that really is one and was given a false name.
"""

from __future__ import annotations

from sosie.detection.case import Case
from sosie.detection.claim import Claim
from sosie.detection.evidence import expected, of_author
from sosie.detection.report import Report, found, named
from sosie.detection.signs import sign
from sosie.detection.verdict import Finding

NAME = "on_behalf"


def examine(case: Case) -> list[Finding]:
    """A finding for every author who says to write for a protected person and has none of the addresses."""
    return [_finding(case, claim, said) for claim, said in case.false_authors if said]


def _finding(case: Case, claim: Claim, said: str) -> Finding:
    identities = [match.identity for match in claim.matches]
    return found(
        NAME,
        claim,
        Report(
            portion=said,
            reason=f"Protected Name {named(identities)} should not be written for by {claim.shown_address}",
            expected=expected(identities),
            signs=of_author(case, claim, sign("via an unknown service", said)),
        ),
    )
