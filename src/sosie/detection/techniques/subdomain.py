"""Subdomain: the author is at a domain below a protected one, has no address there, and nobody vouches for the mail.

Example: `From: Payroll <payroll@hr.example.com>` with `dmarc=fail` or `dmarc=none` from our own host. What is below
one's own domain looks right to every reader, and often nobody has published a policy for it.

A failure counts at any domain of the registry. Silence counts only below a protected domain (`settings/domains`), or
with the local part of somebody protected; it weighs little, because machines of one's own write so, too. A protected
domain that stands before a stranger's is no subdomain of ours: that is `cousin_domain`'s.
"""

from __future__ import annotations

from sosie.detection.authentication import UNPROVEN
from sosie.detection.borrowed import failure, is_below_ours, reason, relayed, said, undecided, writes_as
from sosie.detection.case import Case
from sosie.detection.claim import Claim
from sosie.detection.report import Report, found, shorten
from sosie.detection.signs import Sign, sign
from sosie.detection.verdict import SPOOF_THRESHOLDS, Finding
from sosie.likeness.domain_name import is_subdomain, registrable_domain
from sosie.mail.address import Address

NAME = "subdomain"
_UNDECIDED = "temperror"  # RFC 8601, 2.7: a later try may say more


def examine(case: Case) -> list[Finding]:
    """A finding for every author below one of our domains for whom nobody vouches."""
    strangers = [(claim, address) for claim, address, people in case.ours if not people]
    return [one for claim, address in strangers if (one := _finding(case, claim, address))]


def _finding(case: Case, claim: Claim, address: Address) -> Finding | None:
    if not is_below_ours(case, address.domain) or not writes_as(case, address):
        return None
    signs = failure(case, address.domain)
    signs = relayed(case, signs) if signs else _silence(case, claim, address)
    signs = signs or undecided(case, address.domain)
    if not signs:
        return None
    return found(
        NAME,
        claim,
        Report(
            portion=address.domain,
            reason=reason(f"Protected Domain {shorten(address.domain)}", signs),
            expected=f"expected authentication as {address.domain}, a subdomain of {_above(case, address.domain)}, "
            f"saw {said(case)}",
            signs=signs,
        ),
        SPOOF_THRESHOLDS,
    )


def _silence(case: Case, claim: Claim, address: Address) -> list[Sign]:
    """That there are results, and none of them vouches for it. Where a name is claimed, that is what is wrong."""
    results = case.results
    if claim.matches or case.standing(address.domain) is not UNPROVEN or case.message.mailing_list is not None:
        return []
    if _UNDECIDED in (results.dmarc, results.spf, results.dkim):
        return []
    index = case.knowledge.index
    people = index.at_registrable(address.local_part, registrable_domain(address.domain))
    if not people and not index.domains.owns(address.domain):
        return []
    known = case.knowledge.history.of_address(address.text)
    if known is not None and known.authenticated:
        return [sign("not authenticated as before", said(case))]
    return [sign("unknown subdomain", address.domain), sign("not authenticated", said(case))]


def _above(case: Case, domain: str) -> str:
    own = (one for one in case.knowledge.index.domains.own if is_subdomain(domain, one))
    return max(own, key=len, default=registrable_domain(domain))
