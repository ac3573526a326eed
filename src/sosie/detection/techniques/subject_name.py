"""Name in the Subject: the Subject is a protected name, and the mail comes from a stranger at a free mail host.

Example: `From: urgent request <x81@gmail.example>` with `Subject: Jane Roe`. Lists of messages show both side by side,
and the reader takes the one for the other.

Only a Subject that is nothing but the name counts, and only from free mail that is no list's: people write about each
other all day.
"""

from __future__ import annotations

from sosie.detection.addresses import owners
from sosie.detection.case import Case
from sosie.detection.evidence import against, expected, of_address
from sosie.detection.how import EXACT, JOINED
from sosie.detection.report import Report, found, named
from sosie.detection.signs import sign
from sosie.detection.verdict import Finding
from sosie.likeness.domain_name import is_freemail
from sosie.likeness.person_name import shown

NAME = "subject_name"
MAX_LENGTH = 80  # characters: a name, not a sentence


def examine(case: Case) -> list[Finding]:
    """A finding where the Subject bears the name of somebody who is not the author."""
    message = case.message
    author = case.authors[0] if len(case.authors) == 1 else None
    if author is None or author.address is None or author.matches or not is_freemail(author.address.domain):
        return []
    subject = message.subject
    if not subject or len(subject) > MAX_LENGTH or message.mailing_list is not None:
        return []
    if not case.knowledge.index.may_be_name(subject):
        return []
    whole = shown(subject)
    matches = [
        match
        for match in case.knowledge.index.named(subject)
        if match.how in (EXACT, JOINED) and match.portion == whole
    ]
    if not matches or " " not in matches[0].identity.name.strip():
        return []
    claim = author._replace(field="Subject", matches=tuple(matches))
    identities = [match.identity for match in matches]
    if owners(author.address, case.knowledge.index):
        return []
    signs = [sign("name in Subject", subject), *of_address(case, author.address, identities), *against(case, claim)]
    return [
        found(
            NAME,
            claim,
            Report(
                portion=subject,
                reason=f"Protected Name {named(identities)} should not be the Subject of {author.address.text}",
                expected=expected(identities),
                signs=signs,
            ),
        )
    ]
