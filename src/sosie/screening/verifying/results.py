"""What verifying one message finds, as a trusted host would have written it (RFC 8601).

Theory of operation. Whoever forges an author would rather have nobody know than have it known, and slow name servers of
one's own cost nothing. So what decides about the author comes first, and asks the author's domain alone: its policy,
signatures in its name, SPF where the return path is its, too. Everything else gets the spare seconds of what is left,
and comes to "temperror" alone.

An empty result means that we were not given what it takes: of signatures the body, of SPF who sent the message. DMARC
is "temperror" where one of these might have vouched for the author: it is not decided.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sosie.detection.exemptions import Envelope
from sosie.likeness.domain_name import a_label_domain, registrable_domain
from sosie.mail.address import Address
from sosie.mail.fact import fact
from sosie.mail.message import Message
from sosie.mail.trusted_results import TrustedResults
from sosie.screening.verifying.body_hash import Body
from sosie.screening.verifying.dkim import Signatures, lies_in, overall, passed
from sosie.screening.verifying.dmarc import Policy, is_aligned, policy_of
from sosie.screening.verifying.resolver import Questions, Undecided
from sosie.screening.verifying.spf import client_of, sender_of, spf_of

AUTHSERV_ID = "sosie"  # RFC 8601, 2.5: who says so

# Of authors. Honest mail has one; RFC 9989, 11.5 advises to bound what several may cost.
MAX_DOMAINS = 3

_UNKNOWN, _TEMPERROR, _PERMERROR = "", "temperror", "permerror"
_GRAVEST_FIRST = ("fail", _PERMERROR, _TEMPERROR, "none", "pass")

UNVERIFIED = TrustedResults(dmarc=_TEMPERROR, spf=_TEMPERROR, dkim=_TEMPERROR, authserv_ids=(AUTHSERV_ID,))


@dataclass
class Letter:
    """A message under verification."""

    message: Message
    body: Body
    envelope: Envelope
    helo: str
    questions: Questions

    @fact
    def sender(self) -> Address | None:
        """Whom SPF is asked about."""
        return sender_of(self.envelope, self.helo)

    @fact
    def spf(self) -> str:
        """Asked once."""
        return spf_of(self.sender, self.envelope, self.helo, self.questions)

    @fact
    def signatures(self) -> Signatures:
        """Each is verified once."""
        return Signatures(self.message.header_section, self.body, self.questions)


def verified_results(letter: Letter) -> TrustedResults:
    """Ask the DNS, and sum up. Never raises."""
    dmarc, domain = _dmarc(letter)
    letter.questions.hurry()
    signed = letter.signatures.all()
    return TrustedResults(
        dmarc=dmarc,
        dmarc_domain=domain,
        spf=letter.spf,
        spf_domain=letter.sender.domain if letter.sender is not None and letter.spf else "",
        dkim=overall(signed),
        dkim_pass_domains=passed(signed),
        dkim_fail_domains=_each_once(one.domain for one in signed if one.result not in ("pass", _UNKNOWN)),
        dkim_identities=_each_once(one.identity for one in signed if one.result == "pass"),
        authserv_ids=(AUTHSERV_ID,),
    )


def _each_once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, names)))


def _dmarc(letter: Letter) -> tuple[str, str]:
    """The result, and of which domain. Of several authors, that of the one who is worst off (RFC 9989, 5.3.1)."""
    addresses = [mailbox.address for mailbox in letter.message.author]
    domains = _each_once(a_label_domain(address.domain) for address in addresses if address is not None)
    if not domains:
        return _PERMERROR, ""
    if len(domains) > MAX_DOMAINS:
        return "fail", ""
    found: list[tuple[str, str]] = []
    for domain in domains:
        with letter.questions.share(len(domains) - len(found)):  # the servers of one must not use up all the time
            found.append((_dmarc_of(domain, letter), domain))
    result, domain = min(found, key=lambda one: _GRAVEST_FIRST.index(one[0]))
    return result, domain if len(domains) == 1 or result == "pass" else ""  # it holds of all: none hides another


def _dmarc_of(domain: str, letter: Letter) -> str:
    try:
        policy = policy_of(domain, letter.questions)
        if policy is not None:
            return _against(policy, letter)
    except Undecided:
        return _TEMPERROR
    letter.signatures.in_name_of(registrable_domain(domain))
    return "none"


def _against(policy: Policy, letter: Letter) -> str:
    """Whether anything that was authenticated is aligned (RFC 9989, 5.3.5). Raises Undecided."""
    organization = policy.organizational_domain
    found = [(one.result, one.domain, policy.strict_dkim) for one in letter.signatures.in_name_of(organization)]
    if letter.sender is not None and lies_in(letter.sender.domain, organization):
        found.append((letter.spf, letter.sender.domain, policy.strict_spf))
    aligned = {
        result
        for result, domain, strict in found
        if result in ("pass", _TEMPERROR, _UNKNOWN) and is_aligned(domain, policy, letter.questions, strict=strict)
    }
    if "pass" in aligned:
        return "pass"
    nobody_knows = letter.sender is None and not client_of(letter.envelope)
    return _TEMPERROR if aligned or nobody_knows else "fail"
