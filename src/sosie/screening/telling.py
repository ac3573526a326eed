"""A verdict as the doors tell it: the one shape of JSON that the command line, the API and a scan share."""

from __future__ import annotations

from typing import Any

from sosie.detection.verdict import Verdict


def to_document(verdict: Verdict) -> dict[str, Any]:
    """`message_id`, `disposition`, `score`, `findings`, `exemptions` and `alert`."""
    return {
        "message_id": verdict.message_id,
        "disposition": verdict.disposition,
        "score": verdict.score,
        "findings": [finding._asdict() for finding in verdict.findings],
        "exemptions": [exemption._asdict() for exemption in verdict.exemptions],
        "alert": verdict.alert,
    }
