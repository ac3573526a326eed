"""An alert as one sentence, and as text that cannot be taken for anything else in a log.

Everything that a stranger wrote is in it, so whatever is no visible character is replaced: nobody begins a line of his
own, steers a terminal, or turns the direction of writing.
"""

from __future__ import annotations

from unicodedata import category

from sosie.detection.record import Record

MAX_PART = 200  # characters of a name, an address, a subject
_HIDDEN = ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn")


def sentence(record: Record) -> str:
    """What a person reads first."""
    findings = record.verdict.findings
    reason = one_line(findings[0].reason) if findings else "Nothing was found"
    to = one_line(", ".join(record.arrival.envelope.recipients[:3]) or ", ".join(one.address for one in record.to[:3]))
    written = f"{one_line(record.author.name)} <{one_line(record.author.address)}>".strip()
    return f"{record.verdict.disposition}: {reason.rstrip('.')}; from {written} to {to or 'nobody named'}"


def one_line(text: str, most: int = MAX_PART) -> str:
    """The beginning of a text, in visible characters."""
    text = text[:most]
    if text.isascii() and text.isprintable():
        return text
    return "".join("\N{REPLACEMENT CHARACTER}" if category(one) in _HIDDEN else one for one in text)
