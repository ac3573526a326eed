"""Cousin domain: the author's domain is a protected one's name with something put to it, whatever stands beside it.

Example: `From: Accounts <ap@example-invoices.com>`, `<ap@ex-ample.com>`, `<ap@example.com.evil.example>`,
`<jane.roe@example.net>`.

The whole domain before a stranger's, a hyphen or dot in a long name, and a long name with a word that firms add are
evidence by themselves. The rest (another public suffix, the name within a longer word) is often another honest firm:
it counts only with the local part of a protected address, or with the protected person's name, which `author_name`
weighs. Misses other names of the same house.
"""

from __future__ import annotations

from sosie.detection.case import Case
from sosie.detection.evidence import expected_domain, of_domain
from sosie.detection.like_domain import LikeDomain
from sosie.detection.report import Report, found
from sosie.detection.verdict import Finding

NAME = "cousin_domain"


def examine(case: Case) -> list[Finding]:
    """A finding for every author at a domain that is built around the name of a protected one."""
    return [_finding(case, like) for like in case.like_domains if not like.looks_alike]


def _finding(case: Case, like: LikeDomain) -> Finding:
    return found(
        NAME,
        like.claim,
        Report(
            portion=like.domain,
            reason=f"Domain {like.domain} bears the name of the protected {like.likeness.protected}",
            expected=expected_domain(like),
            signs=of_domain(case, like),
        ),
    )
