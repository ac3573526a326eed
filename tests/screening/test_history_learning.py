"""What a message teaches: only what a trusted host vouches for makes an acquaintance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.detection.history import Acquaintance
from sosie.mail.message import Message
from sosie.screening.learning import MAX_RECIPIENTS, learn_received, learn_sent, received_on

TRUSTED = ("mx.example.org",)
MOMENT = "2026-07-01T05:20:00Z"
FROM = "From: Jane Roe <jane@mail.example.com>\r\n"


def _message(*fields: str) -> Message:
    return Message.from_bytes("".join(fields).encode() + b"\r\n")


def _proven(results: str, *fields: str, author: str = FROM) -> bool:
    """Whether a message with these results of the trusted host makes an acquaintance."""
    message = _message(f"Authentication-Results: mx.example.org; {results}\r\n", author, *fields)
    (learnt,) = learn_received(message, TRUSTED, MOMENT)
    assert learnt.messages == 1
    return learnt.authenticated == 1


def test_a_message_teaches_its_author():
    """The name and the address as they stand, at the moment that is given."""
    message = _message("Authentication-Results: MX.example.org; dmarc=pass header.from=mail.example.com\r\n", FROM)
    assert learn_received(message, TRUSTED, MOMENT) == (
        Acquaintance("Jane Roe", "jane@mail.example.com", 1, 1, MOMENT, MOMENT, 0),
    )


@pytest.mark.parametrize(
    ("results", "proven"),
    [
        ("dmarc=pass header.from=mail.example.com", True),
        ("dmarc=pass (p=reject) header.from=example.com", True),
        ("dmarc=pass header.from=example.net", False),
        ("dmarc=fail header.from=mail.example.com; dkim=pass header.d=example.com", False),
        ("dmarc=temperror header.from=mail.example.com; dkim=pass header.d=example.com", False),
        ("dmarc=none header.from=mail.example.com", False),
        ("dmarc=none header.from=mail.example.com; dkim=pass header.d=example.com", True),
        ("dkim=pass header.d=example.com", True),
        ("dkim=pass header.d=example.net", False),
        ("dkim=fail header.d=example.com", False),
        ("dkim=fail header.d=mail.example.com; dkim=pass header.d=bulk.example", False),
        ("spf=pass smtp.mailfrom=bounces@example.com", True),
        ("spf=pass smtp.mailfrom=bounces@bulk.example", False),
        ("spf=softfail smtp.mailfrom=bounces@example.com", False),
        ("none", False),
    ],
)
def test_the_author_is_proven_by_what_is_aligned(results, proven):
    """DMARC for the author's domain; or, where it says nothing, DKIM or SPF for a domain of the same organisation."""
    assert _proven(results) == proven


@pytest.mark.parametrize(("one", "other", "proven"), [("example.co.uk", "mail.example.co.uk", True),
                                                      ("other.co.uk", "example.co.uk", False)])  # fmt: skip
def test_neighbours_below_a_public_suffix_are_strangers(one, other, proven):
    """Alignment is of what somebody has registered."""
    assert _proven(f"dkim=pass header.d={one}", author=f"From: Jane <jane@{other}>\r\n") == proven


def test_nobody_else_is_believed():
    """Results in another host's name, or without any host to trust, prove nothing."""
    claimed = "Authentication-Results: mx.attacker.example; dmarc=pass header.from=mail.example.com\r\n"
    assert learn_received(_message(claimed, FROM), TRUSTED)[0].authenticated == 0
    assert learn_received(_message(claimed, FROM), ())[0].authenticated == 0
    assert learn_received(_message(FROM), TRUSTED)[0].authenticated == 0


def test_results_that_contradict_each_other_prove_nothing():
    """One of them may be forged, and then everything that the topmost does not say may be."""
    claim = (
        "Authentication-Results: mx.example.org; spf=pass smtp.mailfrom=x@example.com; dkim=pass header.d=example.com"
    )
    assert _proven("spf=softfail smtp.mailfrom=x@example.net", f"{claim}\r\n")
    assert not _proven("spf=softfail smtp.mailfrom=x@example.com", f"{claim}\r\n")


def test_a_flagged_message_makes_no_acquaintance():
    """Whoever pretends to be somebody from a mailbox of his own does not become known by it."""
    message = _message("Authentication-Results: mx.example.org; dmarc=pass header.from=mail.example.com\r\n", FROM)
    (learnt,) = learn_received(message, TRUSTED, flagged=True)
    assert (learnt.messages, learnt.authenticated) == (1, 0)


@pytest.mark.parametrize(
    "fields",
    [
        "List-Post: <mailto:talk@lists.example>\r\n",
        "X-BeenThere: talk@lists.example\r\n",
        "X-Original-From: Jane Roe <jane@example.com>\r\n",
        "X-Original-Sender: jane@example.com\r\n",
    ],
)
def test_a_list_that_rewrites_from_vouches_for_nobody(fields):
    """Anybody may write through it, under any name."""
    author = "From: Jane Roe via Talk <talk@lists.example>\r\n"
    assert not _proven("dmarc=pass header.from=lists.example", fields, author=author)
    assert _proven("dmarc=pass header.from=lists.example", author=author)
    assert _proven("dmarc=pass header.from=mail.example.com", "List-Post: <mailto:talk@lists.example>\r\n")


@pytest.mark.parametrize(
    "header",
    [
        "From: Jane <jane@example.com>, John <john@example.com>\r\n",
        "From: Jane <jane@example.com>\r\nFrom: Jane <jane@example.net>\r\n",
        "From : Jane <jane@example.com>\r\n",
        "From: Jane <@relay.example:jane@example.com>\r\n",
        "From: jane@example.net <jane@example.com>\r\n",
        "From: Jane\r\n",
        "Subject: nothing\r\n",
        "From: " + "Jane " * 60 + "<jane@example.com>\r\n",
    ],
)
def test_an_author_that_can_be_read_in_two_ways_teaches_nothing(header):
    """Nor does one without an address, or with a name that is nobody's."""
    results = "Authentication-Results: mx.example.org; dmarc=pass header.from=example.com\r\n"
    assert learn_received(_message(results, header), TRUSTED, MOMENT) == ()


def test_what_honest_programs_write_teaches():
    """Slips that leave the author the same for every reader."""
    for author in ("From: Roe, Jane <jane@example.com>\r\n", 'From: "=?utf-8?q?J=C3=A4ne?=" <jane@example.com>\r\n'):
        assert _proven("dmarc=pass header.from=example.com", author=author)


def test_a_message_of_ours_teaches_whom_it_was_written_to():
    """Each address once, of To, Cc and Bcc."""
    to = "To: John <john@example.net>, group: ann@example.net;\r\nCc: JOHN@example.net, John\r\n"
    message = _message(FROM, to, "Bcc: bob@example.net\r\n")
    assert learn_sent(message, MOMENT) == tuple(
        Acquaintance(name, f"{address}@example.net", 0, 0, MOMENT, MOMENT, 1)
        for name, address in (("John", "john"), ("", "ann"), ("", "bob"))
    )


@pytest.mark.parametrize(
    ("field", "teaches"),
    [
        ("Auto-Submitted: auto-replied (vacation)\r\n", False),
        ("Auto-Submitted: No\r\n", True),
        ("Precedence: bulk\r\n", False),
        ("Content-Type: multipart/report; report-type=disposition-notification\r\n", False),
        ("Content-Type: multipart/mixed\r\n", True),
    ],
)
def test_an_automatic_reply_was_written_to_nobody(field, teaches):
    """Else a vacation notice would make every stranger somebody whom we wrote to."""
    assert bool(learn_sent(_message(FROM, "To: john@example.net\r\n", field))) == teaches


def test_a_circular_was_written_to_nobody():
    """Past so many recipients, none of them is learnt."""
    for count in (MAX_RECIPIENTS, MAX_RECIPIENTS + 1):
        to = ",\r\n ".join(f"n{number}@example.net" for number in range(count))
        assert len(learn_sent(_message(FROM, f"To: {to}\r\n"))) == (count if count <= MAX_RECIPIENTS else 0)


@pytest.mark.parametrize(
    ("fields", "moment"),
    [
        ("Received: from a by b; Wed, 1 Jul 2026 07:20:00 +0200 (CEST)\r\nReceived: x; 1 Jan 2001 00:00\r\n", MOMENT),
        ("Received: from a by b\r\nDate: Wed, 1 Jul 2026 05:20 GMT\r\n", MOMENT),
        ("Date: 1 Jul 2026 01:20:00 EDT\r\n", MOMENT),
        ("Date: yesterday\r\n", ""),
        ("Date: Wed, 99 Jul 2026 05:20:00 +0000\r\n", ""),
        ("Date: Wed, 1 Jul 99999 05:20:00 +0000\r\n", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_the_moment_is_that_of_the_last_host(fields, moment):
    """The topmost Received; the author's Date only without it; nothing where it cannot be read."""
    assert received_on(_message(fields, FROM)) == moment


@given(
    st.binary(max_size=300),
    st.sampled_from([b"From: ", b"Received: ;", b"Date: ", b"To: ", b"Authentication-Results: "]),
)
def test_any_octets_are_learnt_from_or_not(octets, start):
    """Nothing raises."""
    message = Message.from_bytes(start + octets + b"\r\nFrom: Jane <jane@example.com>\r\n\r\n")
    assert len(learn_received(message, TRUSTED, received_on(message))) <= 1
    assert all(one.sent == 1 for one in learn_sent(message))
