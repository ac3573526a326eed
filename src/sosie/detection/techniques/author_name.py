"""Author name: From bears a protected name beside an address that is not one of that person's.

Example: `From: Jane Roe <jane.roe.ceo@gmail.example>`, where the registry knows Jane Roe as jane.roe@example.com.

The name is compared decoded, in its normal form. Several people may have one name: an address that is legitimate for
one of them is legitimate. Misses every disguise that changes the name's normal form: another order, initials,
nicknames, look-alike characters.
"""

from __future__ import annotations

from sosie.detection.index import Index
from sosie.detection.verdict import MALICIOUS_BEC, Finding
from sosie.mail.mailbox import Mailbox
from sosie.mail.message import Message

NAME = "author_name"


def examine(message: Message, index: Index) -> list[Finding]:
    """A finding for every author who bears a protected name and none of its addresses."""
    return [finding for mailbox in message.author if (finding := _examine_mailbox(mailbox, index)) is not None]


def _examine_mailbox(mailbox: Mailbox, index: Index) -> Finding | None:
    bearers = index.bearers(mailbox.display_name)
    address = mailbox.address
    if not bearers or (address and any(bearer.legitimate.covers(address.text) for bearer in bearers)):
        return None
    claimed = address.text if address else mailbox.address_text or "no address"
    expected = "; ".join(dict.fromkeys(bearer.email for bearer in bearers))
    return Finding(
        name=NAME,
        field="From",
        value=f"{mailbox.display_name} <{mailbox.address_text}>",
        portion=mailbox.display_name,
        reason=f"Protected Name {bearers[0].name} should not appear as {claimed}",
        detail=f"expected: {expected}",
        score=1.0,
        detection=MALICIOUS_BEC,
    )
