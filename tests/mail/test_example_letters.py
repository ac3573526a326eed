"""The plain letters give the facts that a reader would see in them."""

from pathlib import Path

import pytest

from sosie.mail.mailbox import Mailbox
from sosie.mail.message import Message

PLAIN = Path(__file__).parents[1] / "letters" / "plain"


def crlf(raw):
    return raw.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("ends", [bytes, crlf], ids=["lf", "crlf"])
def test_an_impersonation_from_freemail(ends):
    """An encoded display name, before an address that has nothing to do with it."""
    message = Message.from_bytes(ends((PLAIN / "jane_roe_from_freemail.eml").read_bytes()))
    assert message.author == (Mailbox("Jane Roe", "jane.roe.ceo@gmail.example"),)
    assert message.reply_to == (Mailbox("Jane Roe", "office.of.jane.roe@mail.example"),)
    assert message.sender == ()
    assert message.subject == "Urgent: payment today – are you at your desk?"
    assert message.message_id == "<CAF1k7x0Qm2rTz9vYbNc4WdE8uLgHs3PjKoXi6RaBtMeVyUwSnA@mail.gmail.example>"
    assert len(message.header_section.named("Received")) == 3
    assert not message.defects


@pytest.mark.parametrize("ends", [bytes, crlf], ids=["lf", "crlf"])
def test_a_legitimate_letter(ends):
    """A quoted name with a comma, a folded subject, and nothing wrong."""
    message = Message.from_bytes(ends((PLAIN / "jane_roe_herself.eml").read_bytes()))
    assert message.author == (Mailbox("Roe, Jane", "jane.roe@example.com"),)
    assert message.author[0].address is not None
    assert message.author[0].address.compared == "jane.roe@example.com"
    assert message.subject == (
        "Re: Minutes of the budget meeting, second half of the year, with the changes we agreed on"
    )
    assert message.message_id == "<5b1f0c1e-6a57-4c0e-9f7b-2f6f3d1c8a44@example.com>"
    assert not message.defects
