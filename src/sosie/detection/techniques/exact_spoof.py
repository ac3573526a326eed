"""Exact spoof: From is a protected address, letter for letter, and trusted results say that it is not.

Example: `From: Jane Roe <jane.roe@example.com>` with `dmarc=fail header.from=example.com` from our own host.

Only results of trusted hosts count (`trusted_authserv_ids`). A mailing list of such a host explains a failure; another
list that agrees with itself makes it less grave, and only an allow policy excuses it.
Without results nothing is found: then nobody has looked. A compromised account passes.
"""

from __future__ import annotations

from sosie.detection.addresses import owners
from sosie.detection.authentication import FAILED, UNPROVEN
from sosie.detection.case import Case, Claim
from sosie.detection.identity import Identity
from sosie.detection.report import Report, found, shorten
from sosie.detection.signs import Sign, sign
from sosie.detection.verdict import SPOOF_THRESHOLDS, Finding
from sosie.likeness.domain_name import is_freemail, is_subdomain
from sosie.mail.address import Address

NAME = "exact_spoof"


def examine(case: Case) -> list[Finding]:
    """A finding for every author whose own address is borrowed."""
    return [one for claim in case.authors if (one := _finding(case, claim))]


def protected_at(case: Case, claim: Claim) -> tuple[Identity, ...]:
    """Whose address the author's is."""
    if claim.owner is not None:
        return (claim.owner,)
    return owners(claim.address, case.knowledge.index) if claim.address else ()


def _said(case: Case) -> str:
    results = case.results
    return f"dmarc={results.dmarc or 'none'} spf={results.spf or 'none'} dkim={results.dkim or 'none'}"


def _signs(case: Case, address: Address, people: tuple[Identity, ...]) -> list[Sign]:
    standing = case.standing(address.domain)
    results = case.results
    if standing is FAILED:
        signs = [sign("authentication failed" if results.dmarc == "fail" else "SPF failed", _said(case))]
        return [*signs, sign("ARC passed")] if results.arc == "pass" else signs
    if standing is not UNPROVEN or not people or case.message.mailing_list is not None:
        return []
    known = case.knowledge.history.of_address(address.text)
    return [sign("not authenticated as before", _said(case))] if known is not None and known.authenticated else []


def _answers_go_to_free_mail(case: Case) -> bool:
    return any(reply.address and is_freemail(reply.address.domain) and reply.owner is None for reply in case.replies)


def _finding(case: Case, claim: Claim) -> Finding | None:
    address = claim.address
    if address is None or address not in [mailbox.address for mailbox in case.message.author]:
        return None  # a list or a gateway names the author: it does not write as the author
    people = protected_at(case, claim)
    domains = case.knowledge.index.domains
    ours = address.domain in domains and not is_freemail(address.domain)
    if not people and not ours and not domains.owns(address.domain):
        return None
    signs = _signs(case, address, people)
    if not signs:
        return None
    against = []
    if case.mediation is not None and not _answers_go_to_free_mail(case):
        case.exempt("mailing list", f"{case.mediation.domain} relays mail, which explains the failed authentication")
        if case.mediation.is_hosts or case.knowledge.history.has_domain(case.mediation.domain):
            return None
        if not any(one.against for one in signs):  # a list can seal its own mail: both together say no more
            against = [sign("relayed by a list", case.mediation.domain)]
    below = ", a subdomain of ours" if any(is_subdomain(address.domain, one) for one in domains.own) else ""
    who = f"Protected Address {shorten(address.text)}" if people else f"Protected Domain {shorten(address.domain)}"
    return found(
        NAME,
        claim,
        Report(
            portion=address.text,
            reason=f"{who} was not authenticated: the mail is somebody else's",
            expected=f"expected authentication as {address.domain}{below}, saw {_said(case)}",
            signs=[*signs, *against],
        ),
        SPOOF_THRESHOLDS,
    )
