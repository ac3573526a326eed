"""What is done with a message, by its disposition and to whom it goes."""

from __future__ import annotations

import pytest

from sosie.detection.actions import ACCEPT, QUARANTINE, REJECT, TAG, ActionRule, Actions
from sosie.detection.verdict import NONE, SPOOF, SUSPICIOUS

RULES = (
    ActionRule("", SPOOF, QUARANTINE),
    ActionRule("example.org", SPOOF, REJECT),
    ActionRule("example.net", SPOOF, ACCEPT),
    ActionRule("xn--mnchen-3ya.example", SPOOF, REJECT),
)


@pytest.mark.parametrize(
    ("recipients", "action"),
    [
        ((), QUARANTINE),
        (("jane@example.com",), QUARANTINE),
        (("jane@EXAMPLE.org",), REJECT),
        (("jane@example.org.",), REJECT),
        (("jane@example.net",), ACCEPT),
        (("jane@sub.example.org",), QUARANTINE),
        (("jane@example.net", "jane@example.org"), REJECT),
        (("jane@example.net", "jane@example.com"), QUARANTINE),
        (("jane@xn--mnchen-3ya.example",), REJECT),
        (("jane@m\N{LATIN SMALL LETTER U WITH DIAERESIS}nchen.example",), REJECT),  # RFC 6531: as SMTPUTF8 sends it
        (("jane@M\N{LATIN CAPITAL LETTER U WITH DIAERESIS}NCHEN.example",), REJECT),
        (("postmaster",), QUARANTINE),
    ],
)
def test_the_gravest_action_of_all_recipient_domains(recipients, action):
    """A domain's own rule goes before that for all; a message to several domains gets one action."""
    assert Actions(RULES).of(SPOOF, recipients) == action


def test_where_nobody_has_said_anything():
    """Every message arrives."""
    assert [Actions().of(one, ("jane@example.org",)) for one in (SPOOF, SUSPICIOUS, NONE)] == [TAG, TAG, ACCEPT]
