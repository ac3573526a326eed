"""How a finding is put into words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sosie.detection.claim import Claim
from sosie.detection.identity import Identity
from sosie.detection.signs import Sign, score_of
from sosie.detection.verdict import THRESHOLDS, Finding, disposition_of

MAX_SHOWN = 300  # characters of what a message says that are told again


class Report(NamedTuple):
    """What a technique says of a claim: the part that deceives, one sentence, what was expected, and what weighs."""

    portion: str
    reason: str
    expected: str
    signs: Sequence[Sign]


def found(name: str, claim: Claim, report: Report, thresholds: tuple[tuple[float, str], ...] = THRESHOLDS) -> Finding:
    """The finding that follows from the signs."""
    score = score_of(report.signs)
    seen = "; ".join(str(one) for one in report.signs if not one.against)
    lowered = "; ".join(str(one) for one in report.signs if one.against)
    return Finding(
        name=name,
        field=claim.field,
        value=shorten(f"{claim.mailbox.display_name} <{claim.mailbox.address_text}>".strip()),
        portion=shorten(report.portion),
        reason=report.reason,
        detail=f"{report.expected}. Seen: {seen}." + (f" Lowered by: {lowered}." if lowered else ""),
        score=score,
        detection=disposition_of(score, thresholds),
    )


def named(identities: Sequence[Identity]) -> str:
    """The protected name."""
    return shorten(identities[0].name)


def shorten(text: str) -> str:
    """At most MAX_SHOWN characters."""
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
