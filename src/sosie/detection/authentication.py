"""Whether mail in a domain's name is the domain's, as far as trusted results say.

Aligned means that both domains belong to one registrable domain, which is the relaxed alignment of RFC 9989 but for
organizations that publish a policy further down.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import Enum
from functools import lru_cache

from sosie.detection.exemptions import Envelope
from sosie.likeness.domain_name import registrable_domain
from sosie.mail.message import Message
from sosie.mail.trusted_results import TrustedResults

_MAX_REMEMBERED = 2 * 255  # octets of both (RFC 1035, 2.3.4); a header may hold one of 256 KiB


class Standing(Enum):
    """What trusted results say of mail in a domain's name."""

    PASSED = "passed"
    FAILED = "failed"
    UNPROVEN = "unproven"  # there are results, and none of them vouches for it
    UNDECIDED = "undecided"  # the host that looked could not tell: temperror (RFC 9989, 5.3.6)
    UNKNOWN = "unknown"  # no trusted host has said anything


PASSED, FAILED, UNPROVEN, UNKNOWN = Standing.PASSED, Standing.FAILED, Standing.UNPROVEN, Standing.UNKNOWN
UNDECIDED = Standing.UNDECIDED


def standing_of(domain: str, results: TrustedResults) -> Standing:
    """The standing of `domain` as the author's."""
    if not results.present:
        return UNKNOWN
    about_it = not results.dmarc_domain or aligned(results.dmarc_domain, domain)
    if results.dmarc == "pass" and about_it:
        return PASSED
    if results.dmarc == "fail" and about_it:
        return FAILED
    if any(aligned(signer, domain) for signer in results.dkim_pass_domains):
        return PASSED
    if results.spf == "pass" and aligned(results.spf_domain, domain):
        return PASSED
    if results.dmarc == "temperror" and about_it:
        return UNDECIDED
    if results.spf == "fail" and aligned(results.spf_domain, domain):
        return FAILED
    return UNPROVEN


def believed_results(message: Message, trusted_authserv_ids: Collection[str], envelope: Envelope) -> TrustedResults:
    """The results of trusted hosts, and where none has left any, those of verifying here."""
    results = message.trusted_results(trusted_authserv_ids)
    return results if results.present or envelope.verified is None else envelope.verified


def aligned(one: str, other: str) -> bool:
    """Whether two domains belong to one registrable domain."""
    if len(one) + len(other) > _MAX_REMEMBERED:
        return _aligned(one, other)
    return _remembered(one, other)


def _aligned(one: str, other: str) -> bool:
    one, other = one.lower(), other.lower()
    if one == other:
        return bool(one)
    registrable = registrable_domain(one)
    return bool(registrable) and registrable == registrable_domain(other)


_remembered = lru_cache(maxsize=8192)(_aligned)
