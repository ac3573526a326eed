"""What is said on a connection, command by command."""

from __future__ import annotations

import struct
import tracemalloc

import pytest

from sosie.milter.protocol import Change, MilterError, Step, read_packets
from support.milter import FORGED, HONEST, OFFER, Kept, header, judge, macros, packet, replies, say

V6 = packet("O", OFFER)
V2 = packet("O", struct.pack(">III", 2, 0x3F, 0x7F))
CONNECT = packet("C", b"client.example.net\x004\0\x19192.0.2.1\0")
CHOSEN = struct.Struct(">III")


@pytest.fixture
def kept() -> Kept:
    return Kept()


def test_postfix_is_asked_for_as_little_as_possible(kept):
    """No body, no commands that nobody looks at, and no reply before the end of the message."""
    (chosen,) = say(kept.session(), V6)
    version, changes, steps = CHOSEN.unpack_from(chosen, 1)
    assert version == 6
    assert changes == Change.ADDHDRS | Change.CHGHDRS | Change.QUARANTINE | Change.SETSYMLIST
    unanswered = Step.NR_CONN | Step.NR_HELO | Step.NR_MAIL | Step.NR_RCPT | Step.NR_HDR
    assert steps & unanswered == unanswered
    unsent = Step.NOBODY | Step.NOEOH | Step.NODATA | Step.NOUNKNOWN
    assert steps & unsent == unsent
    assert not steps & (Step.NOCONNECT | Step.NOHELO | Step.NOMAIL | Step.NORCPT | Step.NOHDRS)
    assert b"{auth_authen}" in chosen


def test_nothing_is_chosen_that_was_not_offered(kept):
    """Neither changes nor steps nor a list of macros, to a Sendmail of 2001."""
    (chosen,) = say(kept.session(), V2)
    assert len(chosen) == 13
    version, changes, steps = CHOSEN.unpack_from(chosen, 1)
    assert (version, changes & ~0x3F, steps & ~0x7F) == (2, 0, 0)


def test_a_newer_version_is_answered_with_ours(kept):
    """Six is the newest that there is."""
    (chosen,) = say(kept.session(), packet("O", struct.pack(">III", 7, 0x1FF, 0x1FFFFF)))
    assert chosen[:5] == b"O\0\0\0\6"


@pytest.mark.parametrize("version", [0, 1])
def test_a_version_that_nobody_speaks_is_refused(kept, version):
    """Sendmail 8.10 has had the second."""
    with pytest.raises(MilterError):
        say(kept.session(), packet("O", struct.pack(">III", version, 0x3F, 0x7F)))


def test_nothing_is_taken_before_a_negotiation(kept):
    """But QUIT."""
    for command in "ABCDEHLMNRTUK":
        with pytest.raises(MilterError):
            say(kept.session(), packet(command, b"x\0"))
    session = kept.session()
    assert say(session, packet("Q")) == []
    assert session.over


def test_a_message_is_answered_once(kept):
    """At its end, in the sixth version."""
    session = kept.session()
    say(session, V6)
    assert say(session, macros("C", j="mx.example.com"), CONNECT, packet("H", b"client.example.net\0")) == []
    assert say(session, packet("M", b"<stranger@example.net>\0SIZE=100\0"), packet("R", b"<a@example.com>\0")) == []
    assert say(session, packet("R", b"<b@example.com>\0NOTIFY=NEVER\0"), *header(HONEST)) == []
    assert say(session, macros("E", i="4Bc"), packet("E")) == [b"a"]
    (record,) = kept.records
    assert record.arrival.envelope[:4] == ("stranger@example.net", ("a@example.com", "b@example.com"), "192.0.2.1", "")
    assert record.arrival.helo == "client.example.net"
    assert record.arrival.queue_id == "4Bc"
    assert record.arrival.mta_name == "mx.example.com"
    assert record.subject == "Invoice"


def test_a_mail_server_that_waits_for_answers_gets_them(kept):
    """One to each command but macros, in the second version."""
    session = kept.session()
    say(session, V2)
    assert say(session, macros("C", j="mx.example.com")) == []
    for command in (CONNECT, packet("H", b"x\0"), packet("M", b"<>\0"), packet("R", b"<a@example.com>\0"),
                    *header(HONEST), packet("N"), packet("B", b"text")):  # fmt: skip
        assert say(session, command) == [b"c"]
    assert say(session, packet("E")) == [b"a"]
    (record,) = kept.records
    assert record.author.address == "richard@partner.example"


def test_macros_before_each_field_change_nothing(kept):
    """Postfix sends the queue id there too, or macros without any; the fields of the message are all read, in order."""
    session = kept.session()
    say(session, V6, macros("M"), packet("M", b"<stranger@example.net>\0"), macros("R", i="4Bc"))
    for field in header(FORGED):
        assert say(session, macros("L", i="4Bc"), field) == []
    between = [part for field in header(HONEST) for part in (macros("L"), field)]
    assert say(session, *between, macros("E", i="4Bc"), packet("E"))[-1] == b"a"
    assert judge(session, FORGED + HONEST)[-1] == b"a"
    first, second = kept.records
    assert first.subject == second.subject
    assert first.verdict.findings == second.verdict.findings
    assert first.arrival.queue_id == "4Bc"


def test_a_mail_server_that_waits_gets_an_answer_to_each_field(kept):
    """And none to the macros between them."""
    session = kept.session()
    say(session, V2)
    fields = [part for field in header(HONEST) for part in (macros("L", i="4Bc"), field)]
    assert say(session, packet("M", b"<>\0"), *fields) == [b"c"] * (1 + len(header(HONEST)))
    assert say(session, packet("E")) == [b"a"]


def test_a_field_of_other_make_is_read_too(kept):
    """Without its last NUL, with one more, or without any: the rest of the header is read as ever."""
    session = kept.session()
    for odd in (b"X-Odd\0 value", b"X-Odd\0 value\0more\0", b"X-Odd", b"X-Odd\0", b""):
        say(session, V6, packet("M", b"<>\0"), packet("L", odd))
        assert judge(session, HONEST) == [b"a"]
        say(session, packet("M", b"<>\0"), *header(HONEST), packet("L", odd), packet("E"))
    assert [record.subject for record in kept.records] == ["Invoice"] * 10
    assert [record.author.address for record in kept.records] == ["richard@partner.example"] * 10


@pytest.mark.parametrize("space", [" ", "  ", "\t", ""])
def test_the_space_after_the_colon_is_no_ones_loss(kept, space):
    """Sent (the sixth version) or left out (the second), the same is read."""
    for offer, before in ((V6, space), (V2, "")):
        session = kept.session()
        say(session, offer)
        judged = packet("L", f"Subject\0{before}a\n\tb\0".encode())
        say(session, packet("M", b"<>\0"), *header(HONEST)[:1], judged, packet("E"))
    assert [record.subject.split() for record in kept.records] == [["a", "b"]] * 2


def test_one_connection_carries_several_messages(kept):
    """What one of them was does not colour the next."""
    session = kept.session()
    say(session, V6, CONNECT)
    assert judge(session, FORGED)[-1] == b"a"
    assert len(kept.records[-1].verdict.findings) > 0
    assert say(session, packet("M", b"<other@example.net>\0"), *header(HONEST), packet("E")) == [b"a"]
    assert kept.records[-1].verdict.findings == ()
    assert kept.records[-1].arrival.envelope.recipients == ()
    assert kept.records[-1].arrival.envelope.ip == "192.0.2.1"


def test_abort_forgets_the_message_and_nothing_else(kept):
    """The client stays."""
    session = kept.session()
    say(session, V6, CONNECT, macros("M", i="first", auth_authen="jane"))
    assert say(session, packet("M", b"<a@example.net>\0"), *header(FORGED), packet("A")) == []
    assert judge(session, HONEST) == [b"a"]
    (record,) = kept.records
    assert record.verdict.disposition == "NONE"
    assert (record.arrival.queue_id, record.arrival.outbound) == ("", False)
    assert record.arrival.envelope.ip == "192.0.2.1"


def test_abort_forgets_what_came_before_any_sender(kept):
    """Macros, recipients, fields: whatever a mail server has said so far."""
    session = kept.session()
    for early in (macros("M", auth_authen="jane"), packet("R", b"<a@example.com>\0"), header(FORGED)[0]):
        say(session, V6, CONNECT, early, packet("A"))
        judge(session, HONEST)
        record = kept.records[-1]
        assert (record.arrival.envelope.recipients, record.arrival.outbound) == (("staff@example.com",), False)
        assert record.verdict.findings == ()
    assert len(kept.records) == 3


def test_a_new_message_forgets_one_that_was_not_ended(kept):
    """As after an error that the mail server has dealt with alone."""
    session = kept.session()
    say(session, V6, packet("M", b"<a@example.net>\0"), packet("R", b"<x@example.com>\0"), *header(FORGED))
    assert judge(session, HONEST) == [b"a"]
    (record,) = kept.records
    assert record.arrival.envelope.recipients == ("staff@example.com",)


def test_quit_for_another_client_keeps_the_negotiation(kept):
    """And forgets who was there (SMFIC_QUIT_NC)."""
    session = kept.session()
    say(session, V6, macros("C", j="mx.example.com", daemon_name="ORIGINATING"), CONNECT, packet("H", b"old\0"))
    assert say(session, packet("K")) == []
    assert not session.over
    assert judge(session, HONEST) == [b"a"]
    (record,) = kept.records
    assert (record.arrival.envelope.ip, record.arrival.helo, record.arrival.outbound) == ("", "", False)


def test_mail_of_our_own_people_is_learnt_from_and_not_judged(kept):
    """Those who have authenticated, and those on a port that says so."""
    session = kept.session()
    say(session, V6, CONNECT)
    assert say(session, macros("M", auth_authen="jane", auth_type="PLAIN")) == []
    assert judge(session, FORGED) == [b"a"]
    assert kept.records == []
    assert [one.address for one in kept.learnt] == ["staff@example.com"]
    assert judge(session, FORGED) != [b"a"]  # the next one has not

    session = kept.session()
    say(session, V6, macros("C", daemon_name="ORIGINATING"), CONNECT)
    assert judge(session, FORGED) == [b"a"]


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"client_name": "mx.example.net"}, "mx.example.net"),  # Postfix
        ({"client_name": "unknown"}, ""),
        ({"client_name": "mx.example.net", "client_resolve": "OK"}, "mx.example.net"),  # Sendmail
        ({"client_name": "mx.example.net", "client_resolve": "FORGED"}, ""),
        ({"client_name": "[192.0.2.1]", "client_resolve": "FAIL"}, ""),
        ({}, ""),
    ],
)
def test_a_client_has_a_name_where_it_was_looked_up_both_ways(kept, values, name):
    """Nobody gets in under a name that only he himself says."""
    session = kept.session()
    say(session, V6, macros("C", client_addr="IPv6:2001:db8::1", **values), CONNECT)
    judge(session, HONEST)
    envelope = kept.records[0].arrival.envelope
    assert (envelope.server_name, envelope.ip) == (name, "2001:db8::1")


def test_a_body_comes_where_it_is_wanted():
    """As much as is wanted, and then no more (SMFIP_SKIP)."""
    kept = Kept(raw_kept=1000)
    session = kept.session(body_wanted=10)
    (chosen,) = say(session, V6)
    steps = CHOSEN.unpack_from(chosen, 1)[2]
    assert not steps & (Step.NOBODY | Step.NR_BODY)
    assert steps & Step.SKIP
    say(session, packet("M", b"<>\0"), *header(HONEST))
    assert say(session, packet("B", b"abc\r\n")) == [b"c"]
    assert say(session, packet("B", b"abcdefgh")) == [b"s"]
    assert say(session, packet("E")) == [b"a"]
    assert kept.records[0].raw == HONEST.replace(b"\n", b"\r\n") + b"\r\nabc\r\nabcde"


def test_the_last_piece_of_a_body_may_come_with_the_end():
    """As the protocol allows."""
    kept = Kept(raw_kept=1000)
    session = kept.session(body_wanted=100)
    say(session, V2)
    say(session, packet("M", b"<>\0"), *header(HONEST), packet("B", b"one "))
    say(session, packet("E", b"two"))
    assert kept.records[0].raw.endswith(b"\r\n\r\none two")


def test_unknown_commands_end_the_conversation(kept):
    """Every one that is none."""
    known = set(b"ABCDEHKLMNOQRTU")
    for command in set(range(256)) - known:
        session = kept.session()
        say(session, V6)
        with pytest.raises(MilterError):
            session.receive([bytes((command,))])


TALK = [V6, macros("C", j="mx.example.com"), CONNECT, packet("H", b"x\0"), macros("M", i="1"), packet("M", b"<>\0"),
        packet("R", b"<a@example.com>\0"), *header(FORGED), packet("N"), packet("B", b"text"), packet("T"),
        packet("U", b"FOO\0"), macros("E", i="1"), packet("E"), packet("A"), packet("K")]  # fmt: skip


@pytest.mark.parametrize("number", range(len(TALK)))
def test_every_command_cut_short_is_taken_or_refused(kept, number):
    """At every octet of its parameters, with MilterError and no other error; and a message is answered."""
    whole = TALK[number]
    for cut in range(5, len(whole)):
        session = kept.session()
        say(session, *TALK[:number])
        short = packet(whole[4:5].decode("latin-1"), whole[5:cut])
        try:
            say(session, short)
        except MilterError:
            continue
        assert say(session, *TALK[:1], packet("M", b"<>\0"), *header(HONEST), packet("E"))[-1] == b"a"


def test_the_same_comes_of_a_conversation_in_any_pieces(kept):
    """Octet by octet, or all at once."""
    octets = b"".join(TALK)
    whole = kept.session().receive(read_packets(octets)[0])
    session, rest, found = kept.session(), b"", b""
    for number in range(len(octets)):
        rest += octets[number : number + 1]
        packets, start = read_packets(rest)
        found += session.receive(packets)
        rest = rest[start:]
    first, second = kept.records[0].id.encode(), kept.records[1].id.encode()
    assert replies(whole.replace(first, second)) == replies(found)


def test_macros_that_nobody_asked_for_are_not_kept(kept):
    """However many are sent, and however long: a connection takes no more memory by them."""
    session = kept.session()
    say(session, V6)
    tracemalloc.start()
    try:
        for number in range(50):
            many = {f"m{number}-{place}": "x" * 10_000 for place in range(30)}
            say(session, macros("C", j="mx.example.com" * 10_000, **many), macros("M", i="x" * 500_000, **many))
        assert tracemalloc.get_traced_memory()[0] < 2_000_000
    finally:
        tracemalloc.stop()
