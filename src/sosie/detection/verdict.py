"""What a technique found, and what all findings together mean.

The shape of a Finding is that of Cloudflare's `investigate` detections. Finding, disposition and action are kept apart:
a technique finds, the table here gives the disposition, and a door decides what is done.
"""

from __future__ import annotations

from typing import NamedTuple

MALICIOUS_BEC = "MALICIOUS-BEC"
NONE = "NONE"

# Worse first; a message gets the worst disposition that one of its findings has.
DISPOSITIONS = (MALICIOUS_BEC, NONE)


class Finding(NamedTuple):
    """One thing that one technique saw.

    `name`: the technique. `field` and `value`: the header field and what it says. `portion`: the part of it that
    deceives. `reason`: one sentence for a person. `detail`: what was expected. `score`: 0 to 1. `detection`: the
    disposition that this finding alone would give.
    """

    name: str
    field: str
    value: str
    portion: str
    reason: str
    detail: str
    score: float
    detection: str


class Verdict(NamedTuple):
    """The judgement of one message. `score` is that of the gravest finding, 0 without any."""

    message_id: str
    disposition: str
    score: float
    findings: tuple[Finding, ...]

    @property
    def flagged(self) -> bool:
        """Whether anything was found."""
        return self.disposition != NONE


def judge(message_id: str, findings: tuple[Finding, ...]) -> Verdict:
    """The verdict that follows from the findings."""
    found = {finding.detection for finding in findings} | {NONE}
    disposition = next(one for one in DISPOSITIONS if one in found)
    return Verdict(message_id, disposition, max((finding.score for finding in findings), default=0.0), findings)
