"""Where the milter listens, and how it starts and ends."""

from __future__ import annotations

import os
import signal
import socket
import stat
import struct
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from sosie.milter.address import NotAnAddress, bind, taken_back_on_failure
from sosie.milter.protocol import Step
from sosie.screening.authenticators import NETWORKS, PROOF
from sosie.serving import stops
from support.milter import FORGED, HONEST, OFFER, SOSIE, Kept, Listening, MailServer, Milter, header, packet
from support.postfix import wait_for
from support.server import free_ports


@pytest.mark.parametrize(
    "address", ["", "8890", "unix:", "inet:8890", "inet:127.0.0.1:", "inet:127.0.0.1:70000", "tcp:1"]
)
def test_an_address_is_one_of_two_kinds(address):
    """And the message says which."""
    with pytest.raises(NotAnAddress, match="inet:HOST:PORT or unix:PATH"):
        bind(address)


def test_a_unix_socket_is_for_its_owner_and_group(tmp_path):
    """Unless another mode is asked for."""
    path = tmp_path / "milter.sock"
    bind(f"unix:{path}").close()  # the file stays, as where a process was killed
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    bind(f"unix:{path}", 0o600).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_socket_that_another_process_listens_on_is_left_to_it(tmp_path):
    """A second one says so and ends; and a file that is none is not removed."""
    with Milter(tmp_path) as milter:
        command = [SOSIE, "milter", "--listen", milter.address, "--registry", tmp_path / "registry.jsonl"]
        second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        assert second.returncode == 2
        assert "another process listens there" in second.stderr
        assert MailServer(milter.connect()).judge(HONEST) == [b"a"]
    file = tmp_path / "letter"
    file.write_text("precious")
    with pytest.raises(FileExistsError):
        bind(f"unix:{file}")
    assert file.read_text() == "precious"


@pytest.mark.parametrize("kind", ["unix", "inet", "inet6"])
def test_it_answers_on_every_kind(tmp_path, kind):
    """The same."""
    if kind == "inet6":
        try:
            socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        except OSError as error:
            pytest.skip(f"this machine has no IPv6: {error}")
    port = free_ports(1)[0]
    address = {"unix": "", "inet": f"inet:127.0.0.1:{port}", "inet6": f"inet6:::1:{port}"}[kind]
    with Milter(tmp_path, address) as milter:
        found = MailServer(milter.connect()).judge(FORGED)
        assert found[-1] == b"a"
        assert len(found) > 1


def test_over_tcp_nobody_waits_for_an_acknowledgement(tmp_path):
    """A mail server that writes a message in two pieces, as all do, waits 40 ms each where these are delayed."""
    with Milter(tmp_path, f"inet:127.0.0.1:{free_ports(1)[0]}") as milter:
        server = MailServer(milter.connect())
        server.judge(HONEST)
        fields = header(HONEST)
        began = time.monotonic()
        for _ in range(50):
            server.say(packet("M", b"<>\0"), fields[0])
            server.say(fields[1])
            server.say(*fields[2:], packet("E"))
            assert server.reply() == b"a"
        assert time.monotonic() - began < 50 * 0.02


@pytest.mark.parametrize("number", stops())
def test_a_message_under_way_is_answered_before_the_end(tmp_path, number):
    """A connection without one is closed at once, and nobody new is let in."""
    with Milter(tmp_path) as milter:
        idle, busy = MailServer(milter.connect()), MailServer(milter.connect())
        busy.say(packet("M", b"<stranger@example.net>\0"), *header(FORGED))
        idle.judge(HONEST)
        milter.process.send_signal(number)
        assert idle.connection.recv(1) == b""
        with pytest.raises(OSError, match=r"refused|No such file"):
            milter.connect()
        assert milter.process.poll() is None
        busy.say(packet("E"))
        assert busy.reply()[:1] == b"i"
        assert milter.process.wait(5) == 0


def test_a_terminal_that_goes_is_no_stop_where_that_was_said(tmp_path):
    """`nohup sosie milter` stays."""
    known = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Milter(tmp_path) as milter:
            mail_server = MailServer(milter.connect())
            milter.process.send_signal(signal.SIGHUP)
            mail_server.judge(HONEST)
            assert milter.stop() == 0
    finally:
        signal.signal(signal.SIGHUP, known)


def test_connections_leave_descriptors_to_the_rest(tmp_path):
    """Whoever opens as many as there may be is shown the door, which the log says; metrics are answered, and records
    kept, as before."""
    (admin_port,) = free_ports(1)
    with Milter(tmp_path, "", "--admin-listen", f"127.0.0.1:{admin_port}") as milter:
        assert milter.stop() == 0
        shell = 'ulimit -n 200; exec "$@"'
        command = ["sh", "-c", shell, "sh", *milter.command]
        with milter.log.open("a") as stream:
            milter.process = subprocess.Popen(command, stdout=stream, stderr=stream)
        wait_for(milter._listens, "it to listen")
        mail_server = MailServer(milter.connect())
        others = [milter.connect() for _ in range(300)]
        wait_for(lambda: "connections already" in milter.log.read_text(), "it to say that there are many")
        with urllib.request.urlopen(f"http://127.0.0.1:{admin_port}/readyz", timeout=5) as answer:
            assert answer.status == 200
        assert len(mail_server.judge(FORGED)) > 1
        assert len(list(Path(f"/proc/{milter.process.pid}/fd").iterdir())) < 150
        for one in others:
            one.close()
        assert milter.stop() == 0


def test_a_socket_file_that_was_removed_is_made_anew(tmp_path, monkeypatch):
    """With its mode; whoever was there stays. Where it cannot be made, that is said, and it is tried again."""
    monkeypatch.setattr("sosie.milter.server.LOOK_SECONDS", 0.05)
    path, aside, kept = tmp_path / "folder" / "milter.sock", tmp_path / "aside", Kept()
    path.parent.mkdir()
    with Listening(kept.door(), f"unix:{path}"):
        first = MailServer(connect_to(path))
        path.unlink()
        wait_for(path.exists, "the file")
        assert stat.S_IMODE(path.stat().st_mode) == 0o666
        assert len(MailServer(connect_to(path)).judge(FORGED)) > 1
        path.parent.rename(aside)
        wait_for(lambda: "cannot be made anew" in kept.faults[-1], "it to say so")
        aside.rename(path.parent)
        (path.parent / path.name).unlink()
        wait_for(path.exists, "the file")
        assert len(MailServer(connect_to(path)).judge(FORGED)) > 1
        assert len(first.judge(FORGED)) > 1
    assert "is made anew" in kept.faults[0]


def test_a_socket_file_of_another_is_left_to_it(tmp_path, monkeypatch):
    """Two milters were told to listen on one path, and somebody has removed the file in between."""
    monkeypatch.setattr("sosie.milter.server.LOOK_SECONDS", 0.2)
    path, kept = tmp_path / "milter.sock", Kept()
    with Listening(kept.door(), f"unix:{path}"):
        path.unlink()
        other = bind(f"unix:{path}")
        made = path.stat()
        wait_for(lambda: kept.faults, "it to say so")
        assert os.path.samestat(made, path.stat())
        other.close()
    (fault,) = kept.faults
    assert "is another's now" in fault


def connect_to(path):
    one = socket.socket(socket.AF_UNIX)
    one.connect(str(path))
    one.settimeout(10)
    return one


def test_killed_it_starts_again_on_the_same_socket(tmp_path):
    """The file that it left behind is replaced."""
    with Milter(tmp_path) as milter:
        milter.stop(signal.SIGKILL)
        assert os.path.exists(milter.address.removeprefix("unix:"))  # noqa: PTH110 - a socket
        milter.start()
        assert MailServer(milter.connect()).judge(HONEST) == [b"a"]


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SOSIE_")} | settings
    command = [SOSIE, "milter", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "say where to listen"),
        (("--listen", "nonsense", "--registry", "x"), "inet:HOST:PORT or unix:PATH"),
        (("--listen", "unix:/nowhere/at/all", "--registry", "x"), "/nowhere/at/all: its folder is not there"),
        (("--listen", "inet:127.0.0.1:0", "--registry", "/nowhere"), "/nowhere: No such file"),
        (("--listen", "inet:127.0.0.1:0", "--history", "x"), "go with --registry"),
        (("--listen", "inet:127.0.0.1:0", "--registry", "x", "--action", "SPOOF=burn"), "--action takes"),
        (("--listen", "unix:x", "--registry", "x", "--socket-mode", "rw"), "octal digits"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(tmp_path, arguments, words, monkeypatch):
    """And the status is 2."""
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.returncode == 2
    assert words in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_start_that_fails_leaves_no_socket_behind(tmp_path):
    """Whatever was wrong: the registry, a rule, an address of another process, or what verifying needs."""
    path, registry = tmp_path / "milter.sock", tmp_path / "registry.csv"
    registry.write_text("Display_Name,Email\nJane Roe,jane.roe@example.com\n")
    listen = ("--listen", f"unix:{path}", "--registry")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for arguments in (
            (*listen, str(tmp_path / "nothing")),
            (*listen, str(registry), "--action", "SPOOF=burn"),
            (*listen, str(registry), "--admin-listen", address),
            ("--listen", f"unix:{path}", "--account", "0" * 32, "--admin-listen", address),
        ):
            done = run(*arguments, SOSIE_DATA_DIR=str(tmp_path / "data"))
            assert done.returncode != 0, arguments
            assert "Traceback" not in done.stderr
            assert not path.exists(), arguments


def test_a_start_that_fails_leaves_the_socket_of_another_alone(tmp_path):
    """That has taken the place meanwhile."""
    path = tmp_path / "milter.sock"
    mine = bind(f"unix:{path}")

    def fail() -> None:
        with taken_back_on_failure(mine):
            bind(f"unix:{path}").close()  # the file stays
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.exists()


def test_letters_are_verified_without_a_database_too(tmp_path):
    """Where that is wanted, so bodies are asked for; or the start says what is missing."""
    steps = {}
    for wanted in ("no", "missing"):
        with Milter(tmp_path, "", SOSIE_VERIFY=wanted) as milter:
            connection = milter.connect()
            connection.sendall(packet("O", OFFER))
            (steps[wanted],) = struct.unpack_from(">I", connection.recv(65536), 13)
            assert MailServer(milter.connect()).judge(HONEST) == [b"a"]
            assert milter.stop() == 0
    assert steps["no"] & Step.NOBODY
    assert not steps["missing"] & Step.NOBODY


def test_whom_to_believe_is_said_or_learnt(tmp_path):
    """The name of the mail server: at once where it is configured, and else once it stands on message after message."""
    forged = b"Authentication-Results: mx.example.com; dmarc=fail header.from=example.com\n"
    forged += b"From: Jane Roe <jane.roe@example.com>\n"
    honest = b"Authentication-Results: mx.example.com; dmarc=pass header.from=partner.example\n" + HONEST
    with Milter(tmp_path, "", "--authserv-id", "mx.example.com") as milter:
        assert len(MailServer(milter.connect()).judge(forged)) > 1
    with Milter(tmp_path) as milter:
        clients = [MailServer(milter.connect(), f"192.0.{number}.1") for number in range(NETWORKS)]
        assert clients[0].judge(forged) == [b"a"]
        for number in range(PROOF):
            assert clients[number % NETWORKS].judge(honest) == [b"a"]
        assert len(clients[0].judge(forged)) > 1


def test_nobody_is_believed_where_that_is_said(tmp_path):
    """`none` names no host, and none is learnt, however long the row."""
    honest = b"Authentication-Results: mx.example.com; dmarc=pass header.from=partner.example\n" + HONEST
    forged = b"Authentication-Results: mx.example.com; dmarc=fail header.from=example.com\n"
    forged += b"From: Jane Roe <jane.roe@example.com>\n"
    with Milter(tmp_path, "", "--authserv-id", "none") as milter:
        clients = [MailServer(milter.connect(), f"192.0.{number}.1") for number in range(NETWORKS)]
        for number in range(PROOF):
            assert clients[number % NETWORKS].judge(honest) == [b"a"]
        assert clients[0].judge(forged) == [b"a"]
