"""Whose results are believed without being named: a mail server that writes its own on every message."""

from __future__ import annotations

from sosie.mail.message import Message
from sosie.screening.authenticators import PROOF, Authenticators

OURS = Message.from_bytes(
    b"Authentication-Results: MX.example.com; dmarc=pass header.from=a.example\r\nFrom: a@a.example\r\n"
)
FORGED_BELOW = Message.from_bytes(
    b"Authentication-Results: relay.example; spf=none\r\nAuthentication-Results: mx.example.com; dmarc=pass\r\n"
)
BARE = Message.from_bytes(b"From: a@a.example\r\n")


def told() -> tuple[list[str], Authenticators]:
    seen: list[str] = []
    return seen, Authenticators(lambda name: seen.append(f"+{name}"), lambda name: seen.append(f"-{name}"))


def test_a_server_that_always_writes_is_believed():
    """After a row of messages, once, and in any case of its name."""
    seen, one = told()
    for _ in range(PROOF - 1):
        one.see(OURS, "mx.example.com")
    assert seen == []
    for _ in range(5):
        one.see(OURS, "mx.EXAMPLE.com")
    assert seen == ["+mx.example.com"]


def test_a_single_message_without_it_ends_the_row():
    """A server that writes nothing leaves its name to forgers, who cannot send everybody else's mail."""
    for other in (BARE, FORGED_BELOW):
        seen, one = told()
        for _ in range(3):
            for _ in range(PROOF - 1):
                one.see(OURS, "mx.example.com")
            one.see(other, "mx.example.com")
        assert seen == []


def test_a_server_that_stops_writing_is_believed_no_longer():
    """From the first message on that has none; and again after another row."""
    seen, one = told()
    for message in (*[OURS] * PROOF, BARE, *[OURS] * PROOF):
        one.see(message, "mx.example.com")
    assert seen == ["+mx.example.com", "-mx.example.com", "+mx.example.com"]
