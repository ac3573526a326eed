"""Forged Authentication-Results: the message brings results in the name of a host we trust, or praises itself.

Example: a second `Authentication-Results: mx.example.com; dmarc=pass` below our own `dmarc=fail`. A sender who writes
the results that he would like to see expects somebody to believe them (RFC 8601, 7.1).

Counts where the results are about a protected author. Foreign results (of hosts that we do not trust) are never
believed and are nothing bad: every relay writes them.
"""

from __future__ import annotations

from sosie.detection.case import Case
from sosie.detection.claim import Claim
from sosie.detection.report import Report, found, shorten
from sosie.detection.signs import sign
from sosie.detection.verdict import Finding

NAME = "authentication_forgery"


def examine(case: Case) -> list[Finding]:
    """A finding where trusted results contradict each other and somebody protected is the author."""
    authors = zip(case.authors, case.holders, strict=True)
    protected = [claim for claim, people in authors if claim.matches or people]
    if not protected or not case.results.contradictory:
        return []
    return [_finding(case, claim) for claim in protected]


def _finding(case: Case, claim: Claim) -> Finding:
    hosts = ", ".join(case.results.authserv_ids)
    return found(
        NAME,
        claim,
        Report(
            portion=hosts,
            reason=f"Authentication-Results in the name of {shorten(hosts)} contradict each other",
            expected="expected one result per method",
            signs=[sign("contradictory authentication results", hosts)],
        ),
    )
