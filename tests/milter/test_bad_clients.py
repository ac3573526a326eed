"""Mail servers that are none: each costs little, ends by itself, and others are served meanwhile."""

from __future__ import annotations

import resource
import select
import struct
import threading
import time

import pytest

from support.milter import FORGED, HONEST, OFFER, MailServer, Milter, header, packet
from support.postfix import wait_for

MIB = 1 << 20
IDLE = 10_000


@pytest.fixture(scope="module")
def milter(tmp_path_factory):
    """One process for all tests of this file, which all it meets must leave as it was."""
    with Milter(tmp_path_factory.mktemp("milter")) as one:
        yield one
        assert one.process.poll() is None
        assert one.stop() == 0
        assert "Traceback" not in one.log.read_text()


@pytest.fixture(autouse=True)
def served(milter):
    """After each, an honest mail server is served as before."""
    yield
    found = MailServer(milter.connect()).judge(FORGED)
    assert found[-1] == b"a"
    assert len(found) > 1


def is_closed(connection) -> bool:
    """Whether the other side ends it, once what it has said is read."""
    connection.settimeout(10)
    try:
        while connection.recv(65536):
            pass
    except ConnectionError:
        return True
    return True


@pytest.mark.parametrize(
    "octets",
    [
        b"GET / HTTP/1.1\r\nHost: mx.example.com\r\n\r\n",
        b"EHLO client.example.net\r\n",
        struct.pack(">I", 0),
        struct.pack(">I", 0xFFFFFFFF) + b"L",
        packet("E"),
        packet("O", OFFER) + packet("?", b"x"),
        packet("O", OFFER) + packet("C", b"x"),
        packet("O", b"\0"),
        packet("Q"),
    ],
)
def test_what_is_no_milter_conversation_is_ended(milter, octets):
    """At once, and not when something times out."""
    with milter.connect() as connection:
        connection.sendall(octets)
        assert is_closed(connection)


def test_a_client_may_be_slow(milter):
    """Octet by octet, in the middle of packets; others are answered all the while."""
    other = MailServer(milter.connect())
    with milter.connect() as connection:
        octets = packet("O", OFFER) + packet("M", b"<>\0") + b"".join(header(HONEST)) + packet("E")
        for number in range(len(octets)):
            connection.sendall(octets[number : number + 1])
            if number % 50 == 0:
                assert other.judge(HONEST) == [b"a"]
        wait_for(lambda: connection.recv(65536).endswith(packet("a")), "the answer")


def test_a_long_packet_in_small_pieces_costs_what_it_is_long(milter):
    """Not what it is long times the number of pieces."""
    began = time.process_time()
    with milter.connect() as connection:
        connection.sendall(packet("O", OFFER) + struct.pack(">I", MIB) + b"L")
        for _ in range(MIB // 64 - 1):
            connection.sendall(b"x" * 64)
        assert MailServer(milter.connect()).judge(HONEST) == [b"a"]
    assert time.process_time() - began < 10


def test_a_client_that_takes_no_answers_is_not_listened_to(milter):
    """It asks for them without end; what is waiting for it stays bounded."""
    before = milter.memory()
    with milter.connect() as connection:
        connection.sendall(packet("O", OFFER))
        connection.setblocking(False)
        ends = time.monotonic() + 20
        round_ = (packet("O", OFFER) + b"".join(header(HONEST)) + packet("E")) * 200
        sent, rest = 0, round_
        while time.monotonic() < ends and select.select([], [connection], [], 1)[1]:
            rest = rest[connection.send(rest) :] or round_
            sent += 1
        assert sent > 10
        assert time.monotonic() < ends, "it was listened to all the time"
        assert milter.memory() - before < 16 * MIB


def test_a_hundred_mebibytes_of_header_cost_a_bounded_part_of_it(milter):
    """Each field a mebibyte, or each a few octets; the message is judged, and others are served meanwhile."""
    for field in (packet("L", b"X-Long\0" + b"x" * (MIB - 16) + b"\0"), packet("L", b"X\0y\0")):
        before = milter.memory()
        server, other = MailServer(milter.connect()), MailServer(milter.connect())
        server.say(packet("M", b"<>\0"), *header(HONEST))
        waits = []
        piece = field * max(1, MIB // len(field))
        for number in range(100 if len(field) > MIB // 2 else 20):  # a bomb of small fields is 20 MiB, 1,500,000 fields
            server.connection.settimeout(60)
            server.say(piece)
            if number % 10 == 0:
                began = time.monotonic()
                assert other.judge(HONEST) == [b"a"]
                waits.append(time.monotonic() - began)
        server.say(packet("E"))
        assert server.reply().startswith(b"i")  # marked: not all of it was read
        assert milter.memory() - before < 40 * MIB
        assert max(waits) < 5


def test_all_together_hold_a_bounded_part_of_memory(milter):
    """A thousand clients that have all but ended a packet of a mebibyte would hold a gibibyte."""
    before = milter.memory()
    connections = [milter.connect() for _ in range(300)]
    half = packet("O", OFFER) + struct.pack(">I", MIB) + b"L" + b"x" * (MIB - 10)
    threads = [threading.Thread(target=_send, args=(connections[n::8], half)) for n in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert milter.memory() - before < 250 * MIB
    assert MailServer(milter.connect()).judge(HONEST) == [b"a"]
    for one in connections:
        one.close()


def _send(connections, octets):
    for one in connections:
        try:
            one.sendall(octets)
        except OSError:
            continue


def test_ten_thousand_idle_connections_cost_little(milter):
    """Two kibibytes each, about; whoever comes after them is served at once."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(IDLE + 1000, hard), hard))
    before = milter.memory()
    connections = []
    try:
        count = min(IDLE, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 500)
        for _ in range(count):
            one = milter.connect()
            one.sendall(packet("O", OFFER))
            connections.append(one)
        for one in connections:
            one.recv(100)
        began = time.monotonic()
        assert MailServer(milter.connect()).judge(HONEST) == [b"a"]
        assert time.monotonic() - began < 1
        each = (milter.memory() - before) / count
        assert each < 4096, f"{each:.0f} octets each"
        print(f"{count} idle connections, {each:.0f} octets each")
    finally:
        for one in connections:
            one.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
