"""What exemptions do to findings. A finding that is exempt stays in the verdict as a remark, with the reason beside it.

What each means is Cloudflare's word: an acceptable sender is exempt from Spoof (Spam and Bulk are not ours to find), a
trusted sender and an exempt recipient from everything; a trusted domain may look like a protected one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sosie.detection.case import Case
from sosie.detection.verdict import NONE, SPOOF, Finding

if TYPE_CHECKING:
    from sosie.registry.allow_policies import Origin, PolicyMatch

_OF_DOMAINS = ("lookalike_domain", "cousin_domain")


def without_exempted(case: Case, findings: list[Finding]) -> list[Finding]:
    """The findings, those that are exempt with the disposition NONE."""
    if any(finding.name in _OF_DOMAINS for finding in findings) and _may_look_alike(case):
        findings = [_exempted(one) if one.name in _OF_DOMAINS else one for one in findings]
    policies = case.knowledge.exemptions.allow_policies
    if not policies:
        return findings
    origin = _origin(case)
    for match in policies.of_sender(origin):
        if match.policy.is_trusted_sender:
            findings = [_exempted(one) for one in findings]
            case.exempt("trusted sender", _said(match))
        elif match.policy.is_acceptable_sender and any(one.detection == SPOOF for one in findings):
            findings = [_exempted(one) if one.detection == SPOOF else one for one in findings]
            case.exempt("acceptable sender", _said(match))
    recipients = case.envelope.recipients
    met = [policies.of_recipient(address, origin) for address in recipients]
    if met and all(met):
        findings = [_exempted(one) for one in findings]
        for matches in met:
            case.exempt("exempt recipient", _said(matches[0]))
    return findings


def _may_look_alike(case: Case) -> bool:
    known = case.knowledge.exemptions.trusted_domains
    if known is None:
        return False
    domains = [claim.address.domain for claim in case.authors if claim.address and claim.owner is None]
    trusted = [known.may_look_alike(domain) for domain in domains]
    for domain, one in zip(domains, trusted, strict=True):
        if one is not None:
            case.exempt("trusted domain", f"{domain} may look like a protected domain ({one.pattern})")
    return bool(trusted) and all(one is not None for one in trusted)


def _origin(case: Case) -> Origin:
    from sosie.registry.allow_policies import Origin  # noqa: PLC0415 - loaded already where there are policies

    message, results = case.message, case.results
    returned = case.envelope.return_path or (message.return_path.text if message.return_path else "")
    passed = {*results.dkim_pass_domains}
    if results.dmarc == "pass":
        passed.add(results.dmarc_domain)
    if results.spf == "pass":
        passed.add(results.spf_domain)
    return Origin(
        return_path=returned,
        authors=tuple(one.address.text for one in message.author if one.address),
        reply_to=tuple(one.address.text for one in message.reply_to if one.address),
        ip=case.envelope.ip,
        server_name=case.envelope.server_name,
        authenticated=frozenset(filter(None, passed)),
    )


def _exempted(finding: Finding) -> Finding:
    return finding._replace(detection=NONE)


def _said(match: PolicyMatch) -> str:
    return f"{match.field} {match.value} meets the allow policy {match.policy.pattern}"
