"""Exact spoof: From is a protected address, letter for letter, and trusted results say that it is not.

Example: `From: Jane Roe <jane.roe@example.com>` with `dmarc=fail header.from=example.com` from our own host.

Only results of trusted hosts count (`trusted_authserv_ids`). A mailing list that agrees with itself explains a failure.
Without results nothing is found: then nobody has looked. A compromised account passes.
"""

from __future__ import annotations

from sosie.detection.addresses import owners
from sosie.detection.authentication import FAILED
from sosie.detection.case import Case, Claim
from sosie.detection.identity import Identity
from sosie.detection.report import Report, found, shorten
from sosie.detection.signs import sign
from sosie.detection.verdict import SPOOF_THRESHOLDS, Finding
from sosie.likeness.domain_name import is_subdomain

NAME = "exact_spoof"


def examine(case: Case) -> list[Finding]:
    """A finding for every author whose own address is borrowed."""
    return [one for claim in case.authors if (one := _finding(case, claim))]


def protected_at(case: Case, claim: Claim) -> tuple[Identity, ...]:
    """Whose address the author's is."""
    if claim.owner is not None:
        return (claim.owner,)
    return owners(claim.address, case.knowledge.index) if claim.address else ()


def _finding(case: Case, claim: Claim) -> Finding | None:
    address = claim.address
    if address is None:
        return None
    people = protected_at(case, claim)
    domains = case.knowledge.index.domains
    if not people and not domains.owns(address.domain):
        return None
    if case.standing(address.domain) is not FAILED:
        return None
    if case.mediation is not None:
        case.exempt("mailing list", f"{case.mediation.domain} relays mail, which explains the failed authentication")
        return None
    results = case.results
    said = f"dmarc={results.dmarc or 'none'} spf={results.spf or 'none'} dkim={results.dkim or 'none'}"
    below = ", a subdomain of ours" if any(is_subdomain(address.domain, one) for one in domains.own) else ""
    who = f"Protected Address {shorten(address.text)}" if people else f"Protected Domain {shorten(address.domain)}"
    return found(
        NAME,
        claim,
        Report(
            portion=address.text,
            reason=f"{who} was not authenticated: the mail is somebody else's",
            expected=f"expected authentication as {address.domain}{below}, saw {said}",
            signs=[sign("authentication failed", said)],
        ),
        SPOOF_THRESHOLDS,
    )
