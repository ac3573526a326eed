"""Whose results are believed without being named: a mail server that writes its own on every message."""

from __future__ import annotations

from itertools import count

import pytest

from sosie.mail.message import Message
from sosie.screening.authenticators import PROOF, Authenticators

OURS = Message.from_bytes(
    b"Authentication-Results: MX.example.com; dmarc=pass header.from=a.example\r\nFrom: a@a.example\r\n"
)
FORGED_BELOW = Message.from_bytes(
    b"Authentication-Results: relay.example; spf=none\r\nAuthentication-Results: mx.example.com; dmarc=pass\r\n"
)
PLACES = count()
BARE = Message.from_bytes(b"From: a@a.example\r\n")


def see(one: Authenticators, *messages: Message, name: str = "mx.example.com") -> None:
    """Each from another network."""
    for message in messages:
        one.see(message, name, f"192.0.{next(PLACES) % 200}.7")


def told() -> tuple[list[str], Authenticators]:
    seen: list[str] = []
    return seen, Authenticators(lambda name: seen.append(f"+{name}"), lambda name: seen.append(f"-{name}"))


def test_a_server_that_always_writes_is_believed():
    """After a row of messages, once, and in any case of its name."""
    seen, one = told()
    for _ in range(PROOF - 1):
        see(one, OURS)
    assert seen == []
    for _ in range(5):
        see(one, OURS, name="mx.EXAMPLE.com")
    assert seen == ["+mx.example.com"]


def test_a_single_message_without_it_ends_the_row():
    """A server that writes nothing leaves its name to forgers, who cannot send everybody else's mail."""
    for other in (BARE, FORGED_BELOW):
        seen, one = told()
        for _ in range(3):
            for _ in range(PROOF - 1):
                see(one, OURS)
            see(one, other)
        assert seen == []


def test_a_server_that_stops_writing_is_believed_no_longer():
    """From the first message on that has none; and again after another row, twice as long."""
    seen, one = told()
    for message in (*[OURS] * PROOF, BARE, *[OURS] * (2 * PROOF - 1)):
        see(one, message)
    assert seen == ["+mx.example.com", "-mx.example.com"]
    see(one, OURS)
    assert seen == ["+mx.example.com", "-mx.example.com", "+mx.example.com"]


def test_where_nobody_writes_results_a_night_of_forgeries_does_not_do():
    """Every ordinary message makes the row longer that a stranger would have to send."""
    seen, one = told()
    for _ in range(10):
        see(one, BARE)
    for _ in range(PROOF << 9):
        see(one, OURS)
    assert seen == []


def test_a_row_from_one_network_is_not_enough():
    """However long it is; as soon as others join in, it counts."""
    seen, one = told()
    for number in range(3 * PROOF):
        one.see(OURS, "mx.example.com", f"192.0.2.{number}")
    assert seen == []
    one.see(OURS, "mx.example.com", "198.51.100.1")
    one.see(OURS, "mx.example.com", "2001:db8::1")
    assert seen == ["+mx.example.com"]


@pytest.mark.parametrize("before", [PROOF, PROOF - 1])
def test_the_networks_of_a_row_that_ended_do_not_count_for_the_next(before):
    """Whether the server was believed by then or not: a stranger could go on alone where everybody had begun."""
    seen, one = told()
    see(one, *[OURS] * before, BARE)
    seen.clear()
    for _ in range(10 * PROOF):
        one.see(OURS, "mx.example.com", "198.51.100.1")
    assert seen == []
