"""Octets of a mail server <-> commands and replies."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.milter import protocol
from sosie.milter.protocol import MAX_PACKET, MilterError, Negotiation, read_packets, to_packet
from support.milter import packet, replies

PACKETS = st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=40)), max_size=8)
TEXT = st.binary(max_size=20).map(lambda octets: octets.replace(b"\0", b""))


@given(PACKETS, st.data())
def test_packets_come_out_however_they_come_in(packets, data):
    """Cut anywhere, the whole ones are read and the rest is left as it is."""
    octets = b"".join(to_packet(*one) for one in packets)
    cut = data.draw(st.integers(0, len(octets)))
    first, start = read_packets(octets[:cut])
    second, end = read_packets(octets[start:])
    assert first + second == [bytes((command,)) + parameters for command, parameters in packets]
    assert start + end == len(octets)


@pytest.mark.parametrize("length", [0, MAX_PACKET + 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_length_that_no_packet_has_ends_the_conversation(length):
    """Nothing is waited for that cannot be kept."""
    with pytest.raises(MilterError):
        read_packets(struct.pack(">I", length) + b"L")


def test_the_longest_packet_is_read():
    """One of MAX_PACKET octets."""
    packets, rest = read_packets(to_packet(protocol.HEADER, b"x" * (MAX_PACKET - 1)))
    assert len(packets[0]) == MAX_PACKET
    assert rest == MAX_PACKET + 4


@given(st.integers(2, 2**32 - 1), st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_an_offer_is_read(version, changes, steps):
    """With all of its bits, known or not, and whatever follows it."""
    offered = Negotiation(version, changes, steps)
    assert protocol.read_negotiation(b"O" + struct.pack(">III", *offered) + b"more") == offered


def test_what_is_chosen_names_the_macros_that_are_wanted():
    """Each list with the number of its command (SMFIM_)."""
    octets = protocol.to_negotiation(Negotiation(6, 0x131, 7), {protocol.CONNECT: "j _", protocol.EOM: "i"})
    assert replies(octets) == [b"O" + struct.pack(">III", 6, 0x131, 7) + b"\0\0\0\0j _\0\0\0\0\5i\0"]


@given(st.dictionaries(TEXT.filter(bool), TEXT, max_size=10))
def test_macros_are_read(values):
    """Names and values, in any order."""
    octets = b"DM" + b"".join(b"%b\0%b\0" % pair for pair in values.items())
    assert dict(protocol.read_macros(octets)) == values


@pytest.mark.parametrize(
    ("parameters", "address"),
    [
        (b"mx.example.net\x004\0\x19192.0.2.1\0", "192.0.2.1"),
        (b"mx.example.net\x006\0\x19IPv6:2001:db8::1\0", "2001:db8::1"),
        (b"mx.example.net\x006\0\x192001:db8::1\0", "2001:db8::1"),
        (b"localhost\0L\0\0/var/run/x\0", ""),
        (b"[192.0.2.1]\0U", ""),
    ],
)
def test_clients_of_all_families_are_read(parameters, address):
    """IPv4, IPv6 as Sendmail and as Postfix write it, unix sockets, and none."""
    assert protocol.read_connect(b"C" + parameters) == address


READERS = {
    b"O": protocol.read_negotiation,
    b"C": protocol.read_connect,
    b"D": protocol.read_macros,
    b"M": protocol.read_text,
}


@given(st.sampled_from(sorted(READERS)), st.binary(max_size=60))
def test_any_octets_are_read_or_refused(command, parameters):
    """With MilterError, and no other error."""
    try:
        READERS[command](command + parameters)
    except MilterError:
        return


def test_macros_without_end_are_not_kept():
    """More than any mail server sends are left out."""
    values = dict(protocol.read_macros(b"DC" + b"".join(b"m%d\0v\0" % number for number in range(10_000))))
    assert len(values) == protocol.MAX_MACROS


def test_replies_are_what_a_mail_server_reads():
    """Octet for octet, as libmilter writes them."""
    octets = b"".join(
        (
            protocol.insert_header(1, "X-A", b" b"),
            protocol.add_header("X-A", b"b"),
            protocol.change_header(2, b"X-A"),
            protocol.quarantine("why"),
            protocol.reply_code(550, "5.7.1", "No"),
            protocol.verb(protocol.ACCEPT),
        )
    )
    assert replies(octets) == [
        b"i\0\0\0\1X-A\0 b\0",
        b"hX-A\0b\0",
        b"m\0\0\0\2X-A\0\0",
        b"qwhy\0",
        b"y550 5.7.1 No\0",
        b"a",
    ]


def test_a_command_is_what_a_mail_server_sends():
    """As the one of the tests does."""
    assert to_packet(protocol.ENVFROM, b"<>\0") == packet("M", b"<>\0")
