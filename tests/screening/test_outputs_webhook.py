"""The webhook, against real HTTP and HTTPS servers: good ones, slow ones, broken ones."""

from __future__ import annotations

import base64
import email.utils
import fcntl
import hashlib
import hmac
import json
import shutil
import socket
import threading
import time

import pytest

from sosie.observe.observations import AlertDelivered, OutputFailed
from sosie.screening.outputs import webhook as webhook_file
from sosie.screening.outputs.alert import Alert, BadOutput, Undelivered
from sosie.screening.outputs.courier import Courier, Patience
from sosie.screening.outputs.dead_letters import DeadLetters
from sosie.screening.outputs.logpush import to_document
from sosie.screening.outputs.open import Places, open_outputs
from sosie.screening.outputs.signature import read_secrets, sign
from sosie.screening.outputs.webhook import Webhook, read_url
from support.records import ACCOUNT, Heard, record
from support.webhook import SECRET_TEXT, Receiver, make_certificate, wait_until

SECRET = base64.b64decode(SECRET_TEXT.removeprefix("whsec_"))
QUICK = Patience(first=0.05, longest=0.2, give_up=3600)


@pytest.fixture
def receiver():
    """Makes receivers, and closes them."""
    made = []

    def make(*answers, **how):
        made.append(Receiver(*answers, **how))
        return made[-1]

    yield make
    for one in made:
        one.close()


def webhook(url, folder, secrets=(SECRET,)):
    return Webhook(read_url(url), secrets, DeadLetters(folder / "dead.jsonl"))


def dead(folder):
    file = folder / "dead.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def test_what_is_posted_can_be_verified(receiver, tmp_path):
    """JSON in Logpush's shape; id, time and signature as Standard Webhooks wants them, a signature for each secret."""
    one, server = record(), receiver()
    webhook(server.url, tmp_path, (SECRET, b"n" * 32)).deliver(Alert(ACCOUNT, one))
    (got,) = server.got
    assert got.path == "/hook?from=sosie"
    assert got.headers["content-type"] == "application/json"
    assert got.headers["webhook-id"] == one.id
    stamp = got.headers["webhook-timestamp"]
    assert abs(int(stamp) - time.time()) < 5
    signed = f"{one.id}.{stamp}.".encode() + got.body
    expected = [
        "v1," + base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
        for secret in (SECRET, b"n" * 32)
    ]
    assert got.headers["webhook-signature"].split(" ") == expected
    document = json.loads(got.body)
    assert document == {
        "type": "message.flagged", "timestamp": one.at, "account_id": ACCOUNT, "data": to_document(one)
    }  # fmt: skip


def test_the_signature_is_that_of_the_standard():
    """The example that the libraries of Standard Webhooks are tested with."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = sign((secret,), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs Debian's package openssl")
def test_tls_is_verified(receiver, tmp_path, monkeypatch):
    """A certificate that nobody vouches for, or that is another host's, gets nothing; one that is trusted does."""
    mine, other = make_certificate(tmp_path), make_certificate(tmp_path, "192.0.2.1")
    server, stranger = receiver(certificate=mine), receiver(certificate=other)
    with pytest.raises(Undelivered, match="cannot be trusted: self-signed"):
        webhook(server.url, tmp_path).deliver(Alert(ACCOUNT, record()))
    monkeypatch.setenv("SSL_CERT_FILE", str(mine[0]))
    webhook(server.url, tmp_path).deliver(Alert(ACCOUNT, record()))
    assert len(server.got) == 1
    monkeypatch.setenv("SSL_CERT_FILE", str(other[0]))
    with pytest.raises(Undelivered, match="cannot be trusted: IP address mismatch"):
        webhook(stranger.url, tmp_path).deliver(Alert(ACCOUNT, record()))
    assert stranger.got == []


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_two_hundreds_are_success(receiver, tmp_path, status):
    """Whatever else they say."""
    webhook(receiver((status, {})).url, tmp_path).deliver(Alert(ACCOUNT, record()))


@pytest.mark.parametrize(
    ("status", "for_good"),
    [(301, True), (307, True), (308, True), (400, True), (401, True), (404, True), (410, True), (413, True),
     (408, False), (425, False), (429, False), (500, False), (502, False), (503, False), (504, False)],
)  # fmt: skip
def test_what_is_tried_again(receiver, tmp_path, status, for_good):
    """What the other side could take later; a redirect is not followed, and what is refused stays refused."""
    elsewhere = receiver()
    server = receiver((status, {"location": elsewhere.url}))
    with pytest.raises(Undelivered) as caught:
        webhook(server.url, tmp_path).deliver(Alert(ACCOUNT, record()))
    assert caught.value.for_good == for_good
    assert str(status) in str(caught.value)
    assert elsewhere.got == []


def test_retry_after_is_honoured(receiver, tmp_path):
    """In seconds or as a moment; nonsense is none, and an hour is the most."""
    later = email.utils.formatdate(time.time() + 90, usegmt=True)
    for text, seconds in (("7", 7), (later, 89), ("-1", 0), ("soon", 0), ("9" * 400, 3600), ("", 0), ("0", 0)):
        server = receiver((503, {"retry-after": text}))
        with pytest.raises(Undelivered) as caught:
            webhook(server.url, tmp_path).deliver(Alert(ACCOUNT, record()))
        assert caught.value.retry_after == pytest.approx(seconds, abs=2)


@pytest.mark.parametrize("how", ["hang", "drip", "hang up"])
def test_a_server_that_never_answers(receiver, tmp_path, monkeypatch, how):
    """It is left after some seconds, also when it sends an octet now and then."""
    monkeypatch.setattr(webhook_file, "CONNECT_SECONDS", 0.5)
    monkeypatch.setattr(webhook_file, "WHOLE_SECONDS", 0.7)
    began = time.monotonic()
    with pytest.raises(Undelivered, match="no answer") as caught:
        webhook(receiver(how).url, tmp_path).deliver(Alert(ACCOUNT, record()))
    assert time.monotonic() - began < 3
    assert not caught.value.for_good


def test_a_server_that_is_not_there(tmp_path):
    """It is tried again."""
    with pytest.raises(Undelivered, match="ConnectionRefusedError") as caught:
        webhook("http://127.0.0.1:9/", tmp_path).deliver(Alert(ACCOUNT, record()))
    assert not caught.value.for_good


def test_a_courier_tries_until_it_is_taken(receiver, tmp_path):
    """With pauses that grow; the alert arrives once, under one id, and those behind it in their order."""
    server, heard = receiver((503, {}), (429, {}), "hang up", (200, {})), Heard()
    courier = Courier(webhook(server.url, tmp_path), heard.append, QUICK)
    courier.start()
    some = [record() for _ in range(3)]
    for one in some:
        courier.send(Alert(ACCOUNT, one))
    wait_until(lambda: len(heard.of(AlertDelivered)) == 3)
    courier.close()
    assert [one.headers["webhook-id"] for one in server.got] == [some[0].id] * 4 + [some[1].id, some[2].id]
    assert len(heard.of(OutputFailed)) == 3
    assert dead(tmp_path) == []


def test_what_is_refused_is_a_dead_letter(receiver, tmp_path):
    """At once, with its reason and as it was posted; the next one is tried."""
    server, heard = receiver((400, {}), (200, {})), Heard()
    courier = Courier(webhook(server.url, tmp_path), heard.append, QUICK)
    courier.start()
    one = record()
    courier.send(Alert(ACCOUNT, one))
    courier.send(Alert(ACCOUNT, record()))
    wait_until(lambda: heard.of(AlertDelivered))
    courier.close()
    (letter,) = dead(tmp_path)
    assert letter["id"] == one.id
    assert letter["reason"] == "it answered 400"
    assert letter["body"].encode() == server.got[0].body
    assert [(failed.output, failed.dead) for failed in heard.of(OutputFailed)] == [("webhook", True)]


def test_an_hour_is_enough(receiver, tmp_path):
    """What has waited for too long is tried once more and given up; so is what a process still holds at its end."""
    server, heard = receiver((503, {})), Heard()
    courier = Courier(webhook(server.url, tmp_path), heard.append, QUICK._replace(give_up=0.2))
    courier.start()
    courier.send(Alert(ACCOUNT, record()))
    wait_until(lambda: dead(tmp_path))
    assert 2 <= len(server.got) <= 6
    late = Courier(webhook(server.url, tmp_path), heard.append, Patience(first=600))
    late.start()
    for _ in range(3):
        late.send(Alert(ACCOUNT, record()))
    wait_until(lambda: len(server.got) > len(dead(tmp_path)) + 1)
    began = time.monotonic()
    late.close()
    assert time.monotonic() - began < 5
    wait_until(lambda: len(dead(tmp_path)) == 4)
    courier.close()


def test_a_process_ends_while_a_delivery_hangs(receiver, tmp_path):
    """It waits for seconds, and what is behind goes to the dead letters."""
    server, heard = receiver("hang"), Heard()
    courier = Courier(webhook(server.url, tmp_path), heard.append, QUICK)
    courier.start()
    for _ in range(3):
        courier.send(Alert(ACCOUNT, record()))
    wait_until(lambda: server.got)
    courier.close(0.3)
    assert [letter["reason"] for letter in dead(tmp_path)] == ["the process has ended"] * 3
    assert len({letter["id"] for letter in dead(tmp_path)}) == 3
    server.close()  # the delivery fails after all: its alert is among the dead letters already
    courier._thread.join(5)
    assert not courier._thread.is_alive()
    assert len(dead(tmp_path)) == 3


def test_a_courier_waits_as_long_as_it_is_asked_to(receiver, tmp_path):
    """Retry-After is longer than its own pause."""
    server, heard = receiver((429, {"retry-after": "1"}), (200, {})), Heard()
    courier = Courier(webhook(server.url, tmp_path), heard.append, QUICK)
    courier.start()
    began = time.monotonic()
    courier.send(Alert(ACCOUNT, record()))
    wait_until(lambda: heard.of(AlertDelivered))
    assert time.monotonic() - began >= 1
    courier.close()


def test_a_flood_while_the_webhook_is_away(receiver, tmp_path):
    """Memory is bounded: what is behind a thousand others is given up, nobody waits, and each is accounted for."""
    server, heard = receiver((503, {})), Heard()
    courier = Courier(webhook(server.url, tmp_path), heard.append, Patience(first=600))
    courier.start()
    one = record()
    courier.send(Alert(ACCOUNT, one))
    wait_until(lambda: server.got)
    began = time.perf_counter()
    for _ in range(1200):
        courier.send(Alert(ACCOUNT, one))
    assert time.perf_counter() - began < 1.0
    wait_until(lambda: len(dead(tmp_path)) >= 200)
    assert len(courier._queue) <= 1001
    courier.close(10)
    wait_until(lambda: len(dead(tmp_path)) == 1201, 20)


def test_a_flood_for_a_webhook_that_takes_them(receiver, tmp_path):
    """Nothing is given up because there is much of it."""
    server, heard = receiver(), Heard()
    courier = Courier(webhook(server.url, tmp_path), heard.append, QUICK)
    one = record()
    for _ in range(1300):
        courier.send(Alert(ACCOUNT, one))
    courier.start()
    wait_until(lambda: len(heard.of(AlertDelivered)) == 1300, 30)
    courier.close()
    assert dead(tmp_path) == []


def test_a_handshake_that_never_ends(tmp_path, monkeypatch):
    """A server that speaks no TLS, and says so octet by octet, is left like any that never answers."""
    monkeypatch.setattr(webhook_file, "WHOLE_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip():
            connection, _ = server.accept()
            with connection:
                for octet in b"\x16\x03\x03\x40\x00" + b"\x02" * 50:
                    try:
                        connection.send(bytes([octet]))
                    except OSError:
                        return
                    time.sleep(0.1)

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(Undelivered, match="no answer"):
            webhook(f"https://127.0.0.1:{server.getsockname()[1]}/", tmp_path).deliver(Alert(ACCOUNT, record()))
        assert time.monotonic() - began < 3


def test_dead_letters_of_several_threads_are_whole(tmp_path):
    """Appended under a lock, and none is lost to whoever puts the file aside at the same time."""
    letters = DeadLetters(tmp_path / "dead.jsonl")
    taken = []

    def append(number):
        for place in range(100):
            letters.append(webhook_file.Letter(f"{number}-{place}", "it hung up", b'{"a": "\xc3\xa9"}'))

    threads = [threading.Thread(target=append, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        taken += letters.take()
        letters.done()
    taken += letters.take()
    letters.done()
    assert len({letter.id for letter in taken}) == len(taken) == 400
    assert letters.take() == []


def test_a_letter_waits_while_the_file_is_put_aside(tmp_path):
    """Who has opened the file before it was put aside, and waits for its lock, writes to the new one."""
    path, one = tmp_path / "dead.jsonl", webhook_file.Letter("1", "it hung up", b"{}")
    with path.open("ab") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        thread = threading.Thread(target=DeadLetters(path).append, args=(one,))
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
        path.rename(tmp_path / "aside")
    thread.join(5)
    assert (tmp_path / "aside").read_bytes() == b""
    assert DeadLetters(path).take() == [one]


def test_dead_letters_are_bounded(tmp_path):
    """What does not fit is refused, and nothing is half there."""
    letters = DeadLetters(tmp_path / "dead.jsonl", 500)
    one = webhook_file.Letter("1", "it hung up", b"x" * 300)
    letters.append(one)
    with pytest.raises(OSError, match="as much as it may"):
        letters.append(one)
    assert letters.take() == [one]
    (tmp_path / "dead.jsonl.resending").write_bytes(b'{"torn": \n[]\n')
    assert letters.take() == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# a comment\n",
        "whsec_c2hvcnQ=",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_!!",
        "whsec_" + "QUFB" * 30,
        "é",
    ],
)
def test_a_secret_that_is_none_is_refused(tmp_path, text):
    """With what makes a good one, and without telling what was there."""
    file = tmp_path / "secret"
    file.write_text(text)
    with pytest.raises(BadOutput, match="SOSIE_WEBHOOK_SECRET_FILE") as caught:
        read_secrets(file)
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["https:///x", "ftp://example.com/", "https://u:p@example.com/", "https://example.com:99999/", "https://é.example/",
     "https://example.com/a b", "https://[::1/"],
)  # fmt: skip
def test_a_url_that_is_none_is_refused(tmp_path, url):
    """Before anything is sent."""
    (tmp_path / "secret").write_text(SECRET_TEXT)
    with pytest.raises(BadOutput, match="SOSIE_WEBHOOK_URL"):
        open_outputs(Places(tmp_path, webhook_url=url, webhook_secret_file=str(tmp_path / "secret")))


def test_nothing_is_sent_unsigned(tmp_path):
    """A webhook needs a secret."""
    with pytest.raises(BadOutput, match="SOSIE_WEBHOOK_SECRET_FILE"):
        open_outputs(Places(tmp_path, webhook_url="https://example.com/"))
