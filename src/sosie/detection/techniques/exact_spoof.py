"""Exact spoof: From is a protected address, letter for letter, and trusted results say that it is not.

Example: `From: Jane Roe <jane.roe@example.com>` with `dmarc=fail header.from=example.com` from our own host.

Only results of trusted hosts count (`trusted_authserv_ids`). A mailing list of such a host explains a failure; another
list that agrees with itself makes it less grave, and only an allow policy excuses it.
Without results nothing is found: then nobody has looked. Where it was to be verified here and could not be, that is
found. A compromised account passes. What lies below a protected domain and is nobody's address is `subdomain`'s.
"""

from __future__ import annotations

from sosie.detection.authentication import UNPROVEN
from sosie.detection.borrowed import failure, is_below_ours, reason, relayed, said, undecided, writes_as
from sosie.detection.case import Case
from sosie.detection.claim import Claim
from sosie.detection.identity import Identity
from sosie.detection.report import Report, found, shorten
from sosie.detection.signs import Sign, sign
from sosie.detection.verdict import SPOOF_THRESHOLDS, Finding
from sosie.mail.address import Address

NAME = "exact_spoof"


def examine(case: Case) -> list[Finding]:
    """A finding for every author whose own address is borrowed."""
    return [one for claim, address, people in case.ours if (one := _finding(case, claim, address, people))]


def _signs(case: Case, address: Address, people: tuple[Identity, ...]) -> list[Sign]:
    signs = failure(case, address.domain)
    if signs or not people or case.standing(address.domain) is not UNPROVEN or case.message.mailing_list is not None:
        return signs
    known = case.knowledge.history.of_address(address.text)
    return [sign("not authenticated as before", said(case))] if known is not None and known.authenticated else []


def _finding(case: Case, claim: Claim, address: Address, people: tuple[Identity, ...]) -> Finding | None:
    if (not people and is_below_ours(case, address.domain)) or not writes_as(case, address):
        return None
    signs = _signs(case, address, people)
    signs = relayed(case, signs) if signs else []
    signs = signs or undecided(case, address.domain)
    if not signs:
        return None
    who = f"Protected Address {shorten(address.text)}" if people else f"Protected Domain {shorten(address.domain)}"
    return found(
        NAME,
        claim,
        Report(
            portion=address.text,
            reason=reason(who, signs),
            expected=f"expected authentication as {address.domain}, saw {said(case)}",
            signs=signs,
        ),
        SPOOF_THRESHOLDS,
    )
