"""All that the judgement knows beside the message: values that others load and hand in."""

from __future__ import annotations

from dataclasses import dataclass, field

from sosie.detection.exemptions import NO_EXEMPTIONS, Exemptions
from sosie.detection.history import History
from sosie.detection.index import Index


@dataclass(frozen=True, slots=True)
class Knowledge:
    """`trusted_authserv_ids` are the hosts whose Authentication-Results are believed (RFC 8601, 2.5), in any case."""

    index: Index
    history: History = field(default_factory=History)
    exemptions: Exemptions = NO_EXEMPTIONS
    trusted_authserv_ids: frozenset[str] = frozenset()
