"""Look-alike domain: the author's domain is spelt to be taken for a protected one, whatever name stands beside it.

Example: `From: Accounts <ap@examp1e.com>`, `<ap@exarnple.com>`, `<ap@exmaple.com>`.

A strong likeness (look-alike letters, one edit in a long name) is evidence by itself. A weak one (one edit in a short
name) counts only with the local part of a protected address, or with the protected person's name, which `author_name`
weighs. Misses domains that are alike in meaning only. What keeps the name and puts something to it is
`cousin_domain`'s; the surest likeness of a domain decides which of the two it is.
"""

from __future__ import annotations

from sosie.detection.case import Case
from sosie.detection.evidence import expected_domain, of_domain
from sosie.detection.like_domain import LikeDomain
from sosie.detection.report import Report, found
from sosie.detection.verdict import Finding

NAME = "lookalike_domain"


def examine(case: Case) -> list[Finding]:
    """A finding for every author at a domain that looks like a protected one."""
    return [_finding(case, like) for like in case.like_domains if like.looks_alike]


def _finding(case: Case, like: LikeDomain) -> Finding:
    return found(
        NAME,
        like.claim,
        Report(
            portion=like.domain,
            reason=f"Domain {like.domain} looks like the protected {like.likeness.protected}",
            expected=expected_domain(like),
            signs=of_domain(case, like),
        ),
    )
