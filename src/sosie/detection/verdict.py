"""What a technique found, and what all findings together mean.

The shape of a Finding is that of Cloudflare's `investigate` detections. Finding, disposition and action are kept apart:
a technique finds, the tables here give score and disposition, and a door decides what is done.
"""

from __future__ import annotations

from typing import NamedTuple

MALICIOUS_BEC = "MALICIOUS-BEC"
SPOOF = "SPOOF"
SUSPICIOUS = "SUSPICIOUS"
NONE = "NONE"

# Worse first; a message gets the worst disposition that one of its findings has.
DISPOSITIONS = (MALICIOUS_BEC, SPOOF, SUSPICIOUS, NONE)

# A finding of at least this score is at least this bad; one below all of them is a remark.
THRESHOLDS = ((0.85, MALICIOUS_BEC), (0.45, SUSPICIOUS), (0.0, NONE))

# The same for techniques by which the author's own address is borrowed.
SPOOF_THRESHOLDS = ((0.6, SPOOF), (0.45, SUSPICIOUS), (0.0, NONE))


class Finding(NamedTuple):
    """One thing that one technique saw.

    `name`: the technique. `field` and `value`: the header field and what it says. `portion`: the part of it that
    deceives. `reason`: one sentence for a person. `detail`: what was expected, which characters deceive, and what
    weighed for and against. `score`: 0 to 1. `detection`: the disposition that this finding alone would give.
    """

    name: str
    field: str
    value: str
    portion: str
    reason: str
    detail: str
    score: float
    detection: str


class Exemption(NamedTuple):
    """Why something that was found does not count, or counts less: `name` is the rule, `reason` a sentence."""

    name: str
    reason: str


class Verdict(NamedTuple):
    """The judgement of one message. `score` is that of the gravest finding, 0 without any.

    `exemptions` say why what was found counts less, or not at all. `pairs` are the entries that are claimed, by id, and
    the addresses that claim them. `alert`: it is flagged, and nobody was told of these pairs before.
    """

    message_id: str
    disposition: str
    score: float
    findings: tuple[Finding, ...]
    exemptions: tuple[Exemption, ...] = ()
    alert: bool = False
    pairs: tuple[tuple[str, str], ...] = ()

    @property
    def flagged(self) -> bool:
        """Whether anything was found that counts."""
        return self.disposition != NONE


def disposition_of(score: float, thresholds: tuple[tuple[float, str], ...] = THRESHOLDS) -> str:
    """What a score means."""
    return next(disposition for least, disposition in thresholds if score >= least)


def judge(message_id: str, findings: tuple[Finding, ...], exemptions: tuple[Exemption, ...] = ()) -> Verdict:
    """The verdict that follows from the findings."""
    found = {finding.detection for finding in findings} | {NONE}
    disposition = next(one for one in DISPOSITIONS if one in found)
    score = max((finding.score for finding in findings), default=0.0)
    return Verdict(message_id, disposition, score, findings, exemptions)
