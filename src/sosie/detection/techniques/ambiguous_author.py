"""Ambiguous author: From can be read in more than one way, and one of them is a protected person.

Example: two From fields, `From: Jane Roe <jane.roe@example.com>, <x81@mail.example>`, `<jane.roe@example.com>
<x81@mail.example>`, a space before the colon. The filter sees one author and the reader another one.

RFC 5322, 3.6 allows one From field; several authors within it are allowed with a Sender, and are then as honest as each
of them. Leaves alone what is ambiguous without anybody protected in it.
"""

from __future__ import annotations

from sosie.detection.case import Case
from sosie.detection.claim import Claim
from sosie.detection.report import Report, found, shorten
from sosie.detection.signs import sign
from sosie.detection.verdict import Finding
from sosie.mail.defect import Defect
from sosie.mail.mailbox import Mailbox

NAME = "ambiguous_author"
_CUT = frozenset({Defect.HEADER_SECTION_TOO_LONG, Defect.TOO_MANY_HEADER_FIELDS})
# Spellings that programs read differently: each was seen to show another author in one of them than in another.
AMBIGUOUS = frozenset(
    {
        Defect.REPEATED_FROM,
        Defect.TOO_MANY_ADDRESS_FIELDS,
        Defect.ENCODED_WORD_IN_ADDRESS,
        Defect.STRAY_ANGLE_BRACKET,
        Defect.MISSING_ANGLE_BRACKET,
        Defect.MISSING_COMMA,
        Defect.UNQUOTED_AT_SIGN,
        Defect.NESTED_GROUP,
        Defect.ROUTE,
        Defect.TEXT_AFTER_ADDRESS,
        Defect.TOO_MANY_TOKENS,
        Defect.NUL,
    }
)


def examine(case: Case) -> list[Finding]:
    """A finding where a protected person is one of several readings."""
    defects = case.message.author_defects & AMBIGUOUS
    authors = case.authors
    if not _CUT.isdisjoint(case.message.header_section.defects):
        return [_cut()]  # another From may stand behind
    if not defects and len(authors) < 2:
        return []
    held = list(zip(authors, case.holders, strict=True))
    known = [claim for claim, people in held if claim.matches or people]
    others = [claim for claim, people in held if not people]
    if not known or (not others and not defects):
        return []
    if not defects and case.message.sender and all(_is_proven(case, claim) for claim in known):
        return []
    return [_finding(case, known[0], sorted(str(defect) for defect in defects))]


def _is_proven(case: Case, claim: Claim) -> bool:
    return claim.address is not None and case.is_authenticated(claim.address.domain)


def _cut() -> Finding:
    report = Report(
        portion="",
        reason="The header is so long that not all of it was read: another From may stand behind",
        expected="expected a header of at most 256 KiB and 2,000 fields",
        signs=[sign("header cut")],
    )
    return found(NAME, Claim("From", Mailbox("", ""), None, (), None), report)


def _finding(case: Case, claim: Claim, defects: list[str]) -> Finding:
    shown = ", ".join(shorten(one.shown_address) for one in case.authors[:4])
    signs = [sign("several authors", "; ".join(defects) or f"{len(case.authors)} mailboxes")]
    if defects:
        signs.append(sign("malformed From"))
    return found(
        NAME,
        claim,
        Report(
            portion=claim.mailbox.display_name or claim.shown_address,
            reason=f"From can be read in several ways: {shown}",
            expected="expected one From field with one author",
            signs=signs,
        ),
    )
