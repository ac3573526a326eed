"""Look-alike domain: the author's domain is made to be taken for a protected one, whatever name stands beside it.

Example: `From: Accounts <ap@examp1e.com>`, `<jane.roe@example.com.evil.example>`, `<jane.roe@exampIe-group.com>`.

A strong likeness (look-alike letters, one edit in a long name, the whole domain as a subdomain) is evidence by itself.
A weak one (a word added, another top-level domain, one edit in a short name) counts only with the local part of a
protected address, or with the protected person's name, which `author_name` weighs. Misses domains that are alike in
meaning only.
"""

from __future__ import annotations

from sosie.detection.case import Case, Claim
from sosie.detection.evidence import expected
from sosie.detection.identity import Identity
from sosie.detection.report import Report, found
from sosie.detection.signs import Sign, sign
from sosie.detection.verdict import Finding
from sosie.likeness.domain_likeness import DomainLikeness
from sosie.mail.address import Address

NAME = "lookalike_domain"
ALONE = 0.85  # what is left of a likeness by which nobody in particular is meant


def examine(case: Case) -> list[Finding]:
    """A finding for every author at a domain that looks like a protected one."""
    return [one for claim in case.authors if claim.owner is None and (one := _finding(case, claim))]


def _finding(case: Case, claim: Claim) -> Finding | None:
    if claim.address is None:
        return None
    domains = case.knowledge.index.domains
    for likeness in domains.lookalikes(claim.address.domain):
        people = _people_there(case, claim.address, likeness)
        if not people and not likeness.strong:
            continue
        return _report(case, claim, likeness, people)
    return None


def _people_there(case: Case, address: Address, likeness: DomainLikeness) -> tuple[Identity, ...]:
    return case.knowledge.index.at_registrable(address.local_part, likeness.protected)


def _report(case: Case, claim: Claim, likeness: DomainLikeness, people: tuple[Identity, ...]) -> Finding:
    address = claim.address
    domain = address.domain if address else ""
    confidence = likeness.confidence if people else likeness.confidence * ALONE
    signs = [Sign("like the domain", confidence, f"{likeness.kind}: {likeness.explanation}")]
    if people:
        signs.append(sign("same local part", address.local_part if address else ""))
    known = case.knowledge.history.of_address(address.text) if address else None
    if known is not None and known.authenticated and not case.is_denied(domain):
        signs.append(sign("known pair", f"{known.authenticated} authenticated messages"))
        case.exempt("history", f"{known.address} has written before")
    meant = f"{address.local_part}@{likeness.protected}" if people and address else likeness.protected
    return found(
        NAME,
        claim,
        Report(
            portion=domain,
            reason=f"Domain {domain} looks like the protected {likeness.protected}",
            expected=expected(people) if people else f"expected {meant}",
            signs=signs,
        ),
    )
