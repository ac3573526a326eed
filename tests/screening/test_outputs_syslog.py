"""Alerts to syslog, over real sockets, as RFC 5424 wants them."""

from __future__ import annotations

import re
import socket

import pytest

from sosie.detection.record import Party
from sosie.detection.verdict import SPOOF, SUSPICIOUS
from sosie.observe.observations import AlertDelivered, OutputFailed
from sosie.screening.outputs.alert import Alert, BadOutput
from sosie.screening.outputs.courier import Courier, Patience
from sosie.screening.outputs.syslog import MAX_OCTETS, Syslog, read_address, to_local_message, to_message
from support.records import ACCOUNT, REASON, Heard, record
from support.webhook import wait_until

# RFC 5424, 6: one message, its structured data, and what is said.
MESSAGE = re.compile(
    r'<(?P<priority>[0-9]{1,3})>1 (?P<at>\S+) (?P<host>[!-~]{1,255}) sosie [0-9]+ alert '
    r'\[sosie@32473(?P<data>(?: [!-<>-~]{1,32}="(?:[^"\\\]]|\\["\\\]])*")+)\] (?P<text>.*)'
)  # fmt: skip


# What syslog(3) writes.
LOCAL = re.compile(
    r"<(?P<priority>[0-9]{1,3})>[A-Z][a-z]{2} [ 123][0-9] [0-9:]{8} sosie\[[0-9]+\]: (?P<text>.*) "
    r"\[sosie@32473(?P<data> id=.*)\]"
)


def _has_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as one:
            one.bind(("::1", 0))
    except OSError:
        return False
    return True


TRANSPORTS = ["udp", *(["udp6"] if _has_ipv6() else [])]


def parts(octets):
    match = MESSAGE.fullmatch(octets.decode())
    assert match, octets
    values = {
        name: re.sub(r'\\(["\\\]])', r"\1", value)
        for name, value in re.findall(r' ([^ =]+)="((?:[^"\\]|\\.)*)"', match["data"])
    }
    return match, values


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_datagram_for_each_alert(transport):
    """A sentence for a person, and the same for a program."""
    family, host = {"udp": (socket.AF_INET, "127.0.0.1"), "udp6": (socket.AF_INET6, "[::1]")}[transport]
    with socket.socket(family, socket.SOCK_DGRAM) as server:
        server.bind((host.strip("[]"), 0))
        server.settimeout(5)
        output = Syslog(read_address(f"udp:{host}:{server.getsockname()[1]}"))
        one = record()
        output.deliver(Alert(ACCOUNT, one))
        match, values = parts(server.recv(65536))
        output.close()
    assert match["priority"] == "20"  # mail, warning
    assert match["at"] == one.at
    assert match["text"] == (
        f"MALICIOUS-BEC: {REASON}; from Jane Roe <jane.roe@freemail.example> to john.doe@example.com"
    )
    assert values["id"] == one.id
    assert values["disposition"] == "MALICIOUS-BEC"
    assert values["techniques"] == "author_name"
    assert values["from"] == "jane.roe@freemail.example"
    assert values["queue_id"] == "4Njp3P0STMz2c02Q"
    assert values["client_ip"] == "192.0.2.7"


def test_nobody_writes_a_line_of_his_own():
    """Line ends, escape sequences, quotes, brackets and directions of writing in what a stranger wrote."""
    nasty = 'x\r\n<0>1 forged\x1b[31m\x00"]\\\u202e\u2028\x85\ufeff] [a="b'
    one = record(author=Party(nasty, nasty), subject=nasty)
    finding = one.verdict.findings[0]._replace(reason=nasty, name='a"]')
    one = one._replace(
        verdict=one.verdict._replace(message_id=nasty, findings=(finding,)),
        arrival=one.arrival._replace(queue_id=nasty, helo=nasty),
    )
    match, values = parts(to_message(Alert(ACCOUNT, one), "mx.example.com"))
    assert not set(match[0].removeprefix("<20>")) & set("\r\n\x1b\x00\u202e\u2028\x85")
    assert values["from"].endswith('] [a="b')
    assert match["text"].startswith("\ufeffMALICIOUS-BEC: x\ufffd\ufffd<0>1 forged")
    local = to_local_message(Alert(ACCOUNT, one)).decode()
    assert LOCAL.fullmatch(local)
    assert not set(local) & set("\r\n\x1b\x00\u202e\u2028\x85")


def test_nobody_writes_structured_data_of_his_own():
    """Behind a unix socket it stands behind the sentence."""
    forged = '[sosie@32473 id="000000000000000000000" disposition="NONE"]'
    one = record(author=Party(forged, f"{forged}@freemail.example"))
    octets = to_local_message(Alert(ACCOUNT, one)).decode()
    assert octets[octets.index("[sosie@32473") :].startswith(f'[sosie@32473 id="{one.id}" ')


@pytest.mark.parametrize("character", ["é", "😀", '"', "]"])
def test_a_message_has_a_length_that_everybody_takes(character):
    """Cut at the end, at a character; its structure stays whole."""
    long = character * 1000
    one = record(author=Party(long, long))
    finding = one.verdict.findings[0]
    one = one._replace(
        arrival=one.arrival._replace(queue_id=long),
        verdict=one.verdict._replace(
            message_id=long, findings=tuple(finding._replace(name=f"technique_{number}") for number in range(40))
        ),
    )
    octets = to_message(Alert(ACCOUNT, one), long)
    assert 1000 < len(octets) <= MAX_OCTETS
    assert REASON[:20] in parts(octets)[0]["text"]
    octets = to_local_message(Alert(ACCOUNT, one))
    assert 1000 < len(octets) <= MAX_OCTETS
    assert REASON[:20] in LOCAL.fullmatch(octets.decode())["text"]


@pytest.mark.parametrize(("disposition", "priority"), [(SPOOF, "20"), (SUSPICIOUS, "21")])
def test_severity_is_that_of_the_disposition(disposition, priority):
    """Mail, warning or notice."""
    one = record()
    message = to_message(Alert(ACCOUNT, one._replace(verdict=one.verdict._replace(disposition=disposition))), "mx")
    assert parts(message)[0]["priority"] == priority


def _read_message(stream):
    length = b""
    while (one := stream.read(1)) != b" ":
        assert one.isdigit(), one
        length += one
    return parts(stream.read(int(length)))[1]["id"]


def test_tcp_counts_octets_and_connects_again():
    """RFC 6587, 3.4.1; a server that was restarted gets the next alert, and none is lost in between."""
    heard = Heard()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        port = server.getsockname()[1]
        courier = Courier(Syslog(read_address(f"tcp:127.0.0.1:{port}")), heard.append, Patience(0.05, 0.1))
        courier.start()
        some = [record(subject="é" * number) for number in range(6)]
        for one in some[:3]:
            courier.send(Alert(ACCOUNT, one))
        connection, _ = server.accept()
        with connection, connection.makefile("rb") as stream:
            assert [_read_message(stream) for _ in range(3)] == [one.id for one in some[:3]]
        wait_until(lambda: len(heard.of(AlertDelivered)) == 3)
    courier.send(Alert(ACCOUNT, some[3]))
    wait_until(lambda: heard.of(OutputFailed))
    with socket.create_server(("127.0.0.1", port)) as server:
        server.settimeout(5)
        connection, _ = server.accept()
        for one in some[4:]:
            courier.send(Alert(ACCOUNT, one))
        with connection, connection.makefile("rb") as stream:
            assert [_read_message(stream) for _ in range(3)] == [one.id for one in some[3:]]
    courier.close()


def test_the_syslog_daemon_is_restarted(tmp_path):
    """A unix socket that is made anew."""
    path, heard = str(tmp_path / "log"), Heard()
    courier = Courier(Syslog(read_address(f"unix:{path}")), heard.append, Patience(0.05, 0.1))
    courier.start()
    for _ in range(2):
        courier.send(Alert(ACCOUNT, record()))
        wait_until(lambda: heard and isinstance(heard[-1], OutputFailed))
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
            server.bind(path)
            server.settimeout(5)
            assert LOCAL.fullmatch(server.recv(65536).decode())
        wait_until(lambda: isinstance(heard[-1], AlertDelivered))
        (tmp_path / "log").unlink()
    courier.close()


@pytest.mark.parametrize(
    ("text", "address"),
    [("unix:/dev/log", ("unix", "/dev/log", 0)), ("udp:log.example.com:5514", ("udp", "log.example.com", 5514)),
     ("tcp:192.0.2.1", ("tcp", "192.0.2.1", 514)), ("tcp:[2001:db8::1]:601", ("tcp", "2001:db8::1", 601))],
)  # fmt: skip
def test_addresses(text, address):
    """As they stand in the settings."""
    assert read_address(text) == address


@pytest.mark.parametrize("text", ["", "/dev/log", "unix:log", "udp:", "udp:h:99999", "tls:h:1", "tcp:::1:5", "tcp:a:b"])
def test_an_address_that_is_none(text):
    """Named with what it should be."""
    with pytest.raises(BadOutput, match="SOSIE_ALERT_SYSLOG"):
        read_address(text)
