"""Reply-To diversion: answers to a protected person go to somebody else; or Reply-To alone bears the protected name.

Examples: `From: Jane Roe <jane.roe@example.com>` with `Reply-To: jane.roe.ceo@gmail.example`; and
`From: Team <x81@mail.example>` with `Reply-To: Jane Roe <x82@mail.example>`.

Every eighth honest message has its answers go to another domain (lists, web forms), so a difference alone is nothing:
it counts where the author's address is protected and not authenticated and the answers go to a free mail host, or where
they go to a look-alike of the author's domain, whatever the authentication says.
"""

from __future__ import annotations

from sosie.detection.addresses import belongs_to, owners
from sosie.detection.authentication import PASSED, aligned
from sosie.detection.case import Case
from sosie.detection.claim import Claim
from sosie.detection.evidence import against, expected, of_address, of_name
from sosie.detection.identity import Identity
from sosie.detection.report import Report, found, named, shorten
from sosie.detection.signs import Sign, sign
from sosie.detection.verdict import Finding
from sosie.likeness.domain_name import is_freemail

NAME = "reply_to"


def examine(case: Case) -> list[Finding]:
    """Findings about where answers go."""
    if b"reply-to" not in case.message.header_section.names:
        return []
    findings = [_bears_name(case, reply) for reply in case.replies if reply.is_false]
    authors = list(zip(case.authors, case.holders, strict=True))[:4]
    findings += [
        _diverts(case, reply, author, people)
        for author, people in authors
        if people
        for reply in case.replies
        if not reply.is_false
    ]
    return [one for one in findings if one is not None]


def _bears_name(case: Case, reply: Claim) -> Finding | None:
    """Reply-To names somebody whose address it is not."""
    if any(_is_author(reply, author) and _is_told(author) for author in case.authors):
        return None  # the author's own address: what is wrong with it, `author_name` says
    if case.mediation is not None and reply.address and _is_lists(case, reply):
        return None
    identities = [match.identity for match in reply.matches]
    signs = [*of_name(reply), sign("name in Reply-To")]
    if reply.address:
        signs += of_address(case, reply.address, identities)
    signs += against(case, reply)
    return found(
        NAME,
        reply,
        Report(
            portion=reply.matches[0].portion,
            reason=f"Protected Name {named(identities)} should not get answers as {reply.shown_address}",
            expected=expected(identities),
            signs=signs,
        ),
    )


def _diverts(case: Case, reply: Claim, author: Claim, people: tuple[Identity, ...]) -> Finding | None:
    """Answers to a protected address go to a stranger's."""
    if reply.address is None or author.address is None or _is_theirs(case, reply, author, people):
        return None
    signs = _signs(case, reply, author)
    if not signs:
        return None
    known = case.knowledge.history.of_address(reply.address.text)
    if known is not None and (known.authenticated or known.sent):
        signs.append(sign("known pair", f"{known.authenticated + known.sent} messages"))
        case.exempt("history", f"{known.address} is known")
    return found(
        NAME,
        reply,
        Report(
            portion=reply.address.text,
            reason=f"Answers to {named(people)} should not go to {shorten(reply.address.text)}",
            expected=f"From is {shorten(author.address.text)}; {expected(people)}",
            signs=signs,
        ),
    )


def _signs(case: Case, reply: Claim, author: Claim) -> list[Sign]:
    if reply.address is None or author.address is None:
        return []
    for likeness in case.knowledge.index.domains.lookalikes(reply.address.domain):
        like_author = aligned(likeness.protected, author.address.domain)
        same = reply.address.local_part.casefold() == author.address.local_part.casefold()
        if likeness.strong or (like_author and (same or likeness.confidence >= 0.3)):
            text = f"{reply.address.domain} for {likeness.protected}: {likeness.explanation}"
            return [sign("answers go to a look-alike", text)]
    if case.standing(author.address.domain) is PASSED or case.message.mailing_list is not None:
        return []
    if not is_freemail(reply.address.domain):
        return []
    return [sign("answers go to free mail", reply.address.domain), sign("not authenticated", author.address.domain)]


def _is_theirs(case: Case, reply: Claim, author: Claim, people: tuple[Identity, ...]) -> bool:
    if reply.address is None or author.address is None:
        return True
    if any(belongs_to(reply.address, one) for one in people) or owners(reply.address, case.knowledge.index):
        return True
    return aligned(reply.address.domain, author.address.domain) and not is_freemail(reply.address.domain)


def _is_told(author: Claim) -> bool:
    return bool(author.matches) or not author.mailbox.display_name


def _is_author(reply: Claim, author: Claim) -> bool:
    return bool(reply.address and author.address and reply.address.compared == author.address.compared)


def _is_lists(case: Case, reply: Claim) -> bool:
    listed = case.message.mailing_list
    return bool(listed and reply.address and any(aligned(reply.address.domain, domain) for domain in listed.domains))
