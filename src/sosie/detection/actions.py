"""What is done with a message of each disposition: an account's rules, and those of single recipient domains."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sosie.detection.verdict import DISPOSITIONS, MALICIOUS_BEC, NONE, SPOOF, SUSPICIOUS
from sosie.registry.domain import compared_domain

ACCEPT = "accept"
TAG = "tag"
QUARANTINE = "quarantine"
TEMPFAIL = "tempfail"
REJECT = "reject"

# Milder first. A message to several domains gets the gravest action that one of them asks for: it is one message to
# the mail server, and can be rejected or put aside as a whole only.
ACTIONS = (ACCEPT, TAG, QUARANTINE, TEMPFAIL, REJECT)

# Until an administrator says otherwise, every message arrives, and says in its header what was found.
DEFAULTS = {MALICIOUS_BEC: TAG, SPOOF: TAG, SUSPICIOUS: TAG, NONE: ACCEPT}


class ActionRule(NamedTuple):
    """`domain` is a recipient domain, in lower case and as A-labels; empty for all."""

    domain: str
    disposition: str
    action: str


class Actions:
    """The rules of an account."""

    def __init__(self, rules: Iterable[ActionRule] = ()) -> None:
        self._rules = {(rule.domain, rule.disposition): rule.action for rule in rules}
        self._for_all = {one: self._rules.get(("", one), DEFAULTS[one]) for one in DISPOSITIONS}
        self._domains = frozenset(domain for domain, _ in self._rules if domain)

    def of(self, disposition: str, recipients: Iterable[str] = ()) -> str:
        """The action for a message with this disposition to these `local@domain`s."""
        for_all = self._for_all[disposition]
        if not self._domains:
            return for_all
        domains = {compared_domain(recipient.rpartition("@")[2]) for recipient in recipients}
        asked = [self._rules.get((domain, disposition), for_all) for domain in domains] or [for_all]
        return max(asked, key=ACTIONS.index)
