"""What the gate says -> what the mail server is told: header fields out and in, and what becomes of the message."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import NamedTuple

from sosie.detection.actions import ACCEPT, QUARANTINE, REJECT, TAG, TEMPFAIL
from sosie.detection.verdict import MALICIOUS_BEC, SPOOF, Finding, Verdict
from sosie.milter import protocol
from sosie.milter.header import ATTRIBUTE, DISPOSITION, FINDING, MAX_COPIES, RECORD, Header
from sosie.milter.protocol import Change, Negotiation, Step, add_header, change_header, insert_header, reply_code, verb
from sosie.screening.gate import Screened

# RFC 3463: 5.7.1 and 4.7.1, delivery not authorized. What was found stays here: whoever deceives would learn from it.
_REJECTED = reply_code(550, "5.7.1", "Message refused: its author is presented as someone else")
_FORGED = reply_code(550, "5.7.1", "Message refused: too many header fields that only a mail filter may add")
_PUT_OFF = reply_code(451, "4.7.1", "Message cannot be examined at present, please try again later")
_ACCEPTED = verb(protocol.ACCEPT)
_FINAL = {ACCEPT: _ACCEPTED, TAG: _ACCEPTED, QUARANTINE: _ACCEPTED, REJECT: _REJECTED, TEMPFAIL: _PUT_OFF}

MAX_FINDINGS = 10  # there are as many techniques
MAX_REASON = 300  # characters of a reason: two long names and an address
MAX_LINE = 76  # characters of a line with an encoded-word (RFC 2047, 2); 78 of any other (RFC 5322, 2.1.1)
_ENCODED_OCTETS = 45  # in base64 60 characters, and with `=?utf-8?b?` and `?=` one line


class Dialect(NamedTuple):
    """What was negotiated, as far as it concerns the answer to a message."""

    insert: bool = True
    change: bool = True
    quarantine: bool = True
    lead_space: bool = True
    skip: bool = True

    @classmethod
    def from_negotiation(cls, chosen: Negotiation) -> Dialect:
        """Sendmail of version 2 may not know how to insert a field at a place: there it comes last."""
        return cls(
            insert=chosen.version > protocol.OLDEST,
            change=bool(chosen.changes & Change.CHGHDRS),
            quarantine=bool(chosen.changes & Change.QUARANTINE),
            lead_space=bool(chosen.steps & Step.HDR_LEADSPC),
            skip=bool(chosen.steps & Step.SKIP),
        )


def to_replies(screened: Screened, header: Header, dialect: Dialect, subject_prefix: str = "") -> bytes:
    """All replies to the end of a message, the last of which says what becomes of it.

    A mail server that cannot quarantine takes the message tagged.
    """
    copies = header.copies() if dialect.change else []
    action, verdict = screened.action, screened.verdict
    if len(copies) > MAX_COPIES:
        return _FORGED
    if action in (REJECT, TEMPFAIL) or (not copies and (verdict is None or not verdict.flagged)):
        return to_final(action)
    replies = [change_header(place, name) for place, name in copies]
    if verdict is not None and verdict.flagged and action in (TAG, QUARANTINE):
        if subject_prefix and dialect.change:
            replies += _prefixed(header, subject_prefix, dialect)
        # Each goes to the very top, above all that came in, so the last one goes there first.
        for name, value in reversed([*_fields(verdict, screened.record_id)]):
            octets = b" " + value if dialect.lead_space else value
            replies.append(insert_header(0, name, octets) if dialect.insert else add_header(name, octets))
        if action == QUARANTINE and dialect.quarantine:
            replies.append(protocol.quarantine(_reason(verdict)))
    return b"".join((*replies, to_final(action)))


def to_final(action: str) -> bytes:
    """The last reply to a message."""
    return _FINAL[action]


def _fields(verdict: Verdict, record_id: str) -> Iterator[tuple[str, bytes]]:
    yield DISPOSITION, verdict.disposition.partition("-")[0].encode("ascii")
    if verdict.disposition == MALICIOUS_BEC or (verdict.disposition == SPOOF and verdict.pairs):
        yield ATTRIBUTE, b"BEC"
    for finding in verdict.findings[:MAX_FINDINGS]:
        yield FINDING, _told(finding)
    if record_id:
        yield RECORD, record_id.encode("ascii")


def _told(finding: Finding) -> bytes:
    return to_unstructured(f"{finding.name}; {finding.score:.2f};", finding.reason[:MAX_REASON], len(FINDING) + 2)


def _reason(verdict: Verdict) -> str:
    """Without what the message says: it goes into the log of the mail server."""
    return f"sosie: {verdict.disposition} {', '.join(finding.name for finding in verdict.findings[:MAX_FINDINGS])}"


def to_unstructured(beginning: str, text: str, used: int) -> bytes:
    """The value of an unstructured field (RFC 5322, 3.2.5): `beginning` as it stands, then `text`, in encoded-words
    where it is more than printable ASCII (RFC 2047), folded; `used` characters of the first line are taken.
    """
    if text.isascii() and text.isprintable() and "=?" not in text:
        words = text.encode("ascii").split()
    else:
        words = [*_encoded_words(text)]
    lines = [beginning.encode("ascii")]
    for word in words:
        room = MAX_LINE - (used if len(lines) == 1 else 1)
        if lines[-1] and len(lines[-1]) + 1 + len(word) > room:
            lines.append(word)
        else:
            lines[-1] += b" " + word if lines[-1] else word
    return b"\n ".join(lines)


def _encoded_words(text: str) -> Iterator[bytes]:
    """Each of whole characters (RFC 2047, 5); what no line may hold is replaced."""
    kept = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
    piece = b""
    for one in kept:
        octets = one.encode("utf-8", "replace")
        if len(piece) + len(octets) > _ENCODED_OCTETS:
            yield b"=?utf-8?b?%b?=" % b64encode(piece)
            piece = b""
        piece += octets
    if piece:
        yield b"=?utf-8?b?%b?=" % b64encode(piece)


def _prefixed(header: Header, prefix: str, dialect: Dialect) -> Iterator[bytes]:
    """Every Subject with the prefix before it: programs show the first or the last; one of its own where there is none.

    The space after a prefix in encoded-words is in the last of them: the one between two of them is not shown.
    """
    written = to_unstructured("", prefix if prefix.isascii() and "=?" not in prefix else f"{prefix} ", 9)
    space = b" " if dialect.lead_space else b""
    values = [value.lstrip(b" \t") for value in header.subjects()]
    for place, value in enumerate(values, 1):
        if not value.startswith(written):
            fold = b"\n " if len(written) + len(value.partition(b"\n")[0]) > MAX_LINE - 9 else b" "
            yield change_header(place, b"Subject", space + written + fold + value)
    if not values:
        yield add_header("Subject", space + written)
