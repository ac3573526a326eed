"""Mail in the name of a protected address or domain, and what trusted results say of it."""

from __future__ import annotations

from sosie.detection.authentication import FAILED, UNDECIDED
from sosie.detection.case import Case
from sosie.detection.signs import Sign, sign
from sosie.likeness.domain_name import a_label_domain, is_freemail, registrable_domain
from sosie.mail.address import Address

_COULD_NOT, _NOT_ENOUGH = "could not be verified", "not enough to verify by"


def is_below_ours(case: Case, domain: str) -> bool:
    """Whether one of ours lies truly below another one."""
    own = case.knowledge.index.domains.own
    claimed = a_label_domain(domain)
    return claimed not in own and claimed != registrable_domain(claimed)


def writes_as(case: Case, address: Address) -> bool:
    """Whether From bears the address. A list or a gateway that only names the author does not write as the author."""
    return address in [mailbox.address for mailbox in case.message.author]


def said(case: Case) -> str:
    """The trusted results, for people."""
    results = case.results
    return f"dmarc={results.dmarc or 'none'} spf={results.spf or 'none'} dkim={results.dkim or 'none'}"


def failure(case: Case, domain: str) -> list[Sign]:
    """What says that the mail is not the domain's; nothing where no trusted host says so."""
    if case.standing(domain) is not FAILED:
        return []
    results = case.results
    signs = [sign("authentication failed" if results.dmarc == "fail" else "SPF failed", said(case))]
    return [*signs, sign("ARC passed")] if results.arc == "pass" else signs


def undecided(case: Case, domain: str) -> list[Sign]:
    """That we were to verify it here, and could not. What a trusted host could not tell is that host's to deal with.

    SPF or DKIM is empty where the door was not given what they take: who sent the message, and its body.
    """
    results = case.results
    if results is not case.envelope.verified or case.standing(domain) is not UNDECIDED:
        return []
    return [sign(_COULD_NOT if results.spf and results.dkim else _NOT_ENOUGH, said(case))]


def reason(who: str, signs: list[Sign]) -> str:
    """What these signs mean for whoever is borrowed."""
    if signs[0].name in (_COULD_NOT, _NOT_ENOUGH):
        return f"{who} could not be verified: the mail may be somebody else's"
    return f"{who} was not authenticated: the mail is somebody else's"


def relayed(case: Case, signs: list[Sign]) -> list[Sign]:
    """The signs of a failure, without those that a mailing list explains."""
    if case.mediation is None or _answers_go_to_free_mail(case):
        return signs
    case.exempt("mailing list", f"{case.mediation.domain} relays mail, which explains the failed authentication")
    if case.mediation.is_hosts or case.knowledge.history.has_domain(case.mediation.domain):
        return []
    if any(one.against for one in signs):  # a list can seal its own mail: both together say no more
        return signs
    return [*signs, sign("relayed by a list", case.mediation.domain)]


def _answers_go_to_free_mail(case: Case) -> bool:
    return any(reply.address and is_freemail(reply.address.domain) and reply.owner is None for reply in case.replies)
