"""`sosie alert`: try the outputs, send dead letters again; and what docs/alerts.md says of signatures."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess

import pytest

from sosie.screening.outputs.dead_letters import DeadLetters, Letter
from support.house import ROOT
from support.webhook import SECRET_TEXT, Receiver, make_certificate

PAGE = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
NEEDS_OPENSSL = pytest.mark.skipif(not shutil.which("openssl"), reason="needs Debian's package openssl")


@pytest.fixture
def secret(tmp_path):
    file = tmp_path / "webhook.secret"
    file.write_text(SECRET_TEXT + "\n")
    return file


@pytest.fixture
def receiver():
    made = []

    def make(*answers, **how):
        made.append(Receiver(*answers, **how))
        return made[-1]

    yield make
    for one in made:
        one.close()


def _snippet(language: str, word: str) -> str:
    (found,) = [one for one in re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL) if word in one]
    return found


@NEEDS_OPENSSL
def test_every_output_is_tried(bare_embedded, tmp_path, secret, receiver):
    """One invented alert to each; TLS is verified by SSL_CERT_FILE; no database is needed or made."""
    certificate = make_certificate(tmp_path)
    hook = receiver(certificate=certificate)
    file = tmp_path / "alerts.jsonl"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as log:
        log.bind(("127.0.0.1", 0))
        log.settimeout(10)
        settings = {
            "SOSIE_ALERT_FILE": str(file),
            "SOSIE_ALERT_SYSLOG": f"udp:127.0.0.1:{log.getsockname()[1]}",
            "SOSIE_WEBHOOK_URL": hook.url,
            "SOSIE_WEBHOOK_SECRET_FILE": str(secret),
            "SSL_CERT_FILE": str(certificate[0]),
        }
        ran = bare_embedded("alert", "test", **settings)
        said = log.recv(65536).decode()
    assert [line.split() for line in ran.lines] == [
        ["OUTPUT", "RESULT"], ["file", "taken"], ["syslog", "taken"], ["webhook", "taken"]
    ]  # fmt: skip
    alert = json.loads(file.read_text())
    assert alert["From"] == "jane.roe@freemail.example"
    assert alert["Subject"] == "A test of the alerts: nobody wrote this"
    assert f'id="{alert["AlertID"]}"' in said
    assert json.loads(hook.got[0].body)["data"] == alert
    assert not (bare_embedded.storage.data_dir).exists()


def test_an_output_that_does_not_take_it(bare_embedded, tmp_path, secret, receiver):
    """Is named with its reason; the status is 1; the others are tried."""
    hook = receiver((404, {}))
    settings = {"SOSIE_WEBHOOK_URL": hook.url, "SOSIE_WEBHOOK_SECRET_FILE": str(secret)}
    file = tmp_path / "no/a"
    ran = bare_embedded("alert", "test", "--json", status=1, SOSIE_ALERT_FILE=str(file), **settings)
    assert ran.documents == [
        {"output": "file", "taken": False, "reason": f"{file}: No such file or directory"},
        {"output": "webhook", "taken": False, "reason": "it answered 404"},
    ]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "no output is set"),
        ({"SOSIE_ALERT_SYSLOG": "log.example.com"}, "SOSIE_ALERT_SYSLOG must read"),
        ({"SOSIE_WEBHOOK_URL": "https://alerts.example.com/"}, "SOSIE_WEBHOOK_SECRET_FILE"),
        ({"SOSIE_WEBHOOK_URL": "https://a.example/", "SOSIE_WEBHOOK_SECRET_FILE": "/nowhere"}, "cannot read /nowhere"),
    ],
)
def test_an_output_that_cannot_be_used(bare_embedded, settings, words):
    """One line that names the setting."""
    assert words in bare_embedded("alert", "test", status=2, **settings).stderr


def test_a_syslog_server_that_is_not_there(bare_embedded, tmp_path):
    """Its address stands beside the reason, as it is set: perhaps another one is meant."""
    nowhere = f"unix:{tmp_path}/log"
    ran = bare_embedded("alert", "test", "--json", status=1, SOSIE_ALERT_SYSLOG=nowhere)
    assert ran.json["reason"] == f"{nowhere}: No such file or directory"
    ran = bare_embedded("alert", "test", "--json", status=1, SOSIE_ALERT_SYSLOG="tcp:[::1]:1")
    assert ran.json["reason"].startswith("tcp:[::1]:1: ")


def test_dead_letters_are_sent_again(bare_embedded, secret, receiver):
    """Each under its id and with the body that it had; what fails again stays."""
    folder = bare_embedded.storage.data_dir
    letters = DeadLetters(folder / "dead-alerts.jsonl")
    for number in range(6):
        letters.append(Letter(f"id-{number}", "it answered 503", f'{{"é": {number}}}'.encode()))
    hook = receiver((200, {}), (400, {}), (200, {}), (500, {}), "hang up", (502, {}))
    settings = {"SOSIE_WEBHOOK_URL": hook.url, "SOSIE_WEBHOOK_SECRET_FILE": str(secret)}
    ran = bare_embedded("alert", "resend", "--json", status=1, **settings)
    assert ran.json == {"sent": 2, "failed": 4}
    assert [(one.headers["webhook-id"], one.body.decode()) for one in hook.got] == [
        (f"id-{number}", f'{{"é": {number}}}') for number in range(6)
    ]
    hook.answers = [(200, {})]
    assert bare_embedded("alert", "resend", "--json", **settings).json == {"sent": 4, "failed": 0}
    assert bare_embedded("alert", "resend", **settings).stderr == "0 of 0 dead letters sent\n"
    assert not list(folder.glob("dead*"))


def test_a_webhook_that_is_away_is_left_alone(bare_embedded, secret, receiver):
    """After three failures in a row the others stay for the next time, with their reasons."""
    folder = bare_embedded.storage.data_dir
    letters = DeadLetters(folder / "dead-alerts.jsonl")
    for number in range(20):
        letters.append(Letter(f"id-{number}", "first reason", b"{}"))
    hook = receiver((503, {}))
    settings = {"SOSIE_WEBHOOK_URL": hook.url, "SOSIE_WEBHOOK_SECRET_FILE": str(secret)}
    ran = bare_embedded("alert", "resend", status=1, **settings)
    assert "0 of 20 dead letters sent" in ran.stderr
    assert len(hook.got) == 3
    assert [letter.reason for letter in letters.take()] == ["it answered 503"] * 3 + ["first reason"] * 17


def _received(bare_embedded, secret, hook):
    settings = {"SOSIE_WEBHOOK_URL": hook.url, "SOSIE_WEBHOOK_SECRET_FILE": str(secret)}
    bare_embedded("alert", "test", **settings)
    return hook.got[-1]


def test_the_python_of_the_page_verifies(bare_embedded, secret, receiver):
    """A genuine alert, and no other body, id, time or secret."""
    names: dict = {}
    exec(_snippet("python", "def is_genuine"), names)  # noqa: S102 - it is our own page
    is_genuine = names["is_genuine"]
    got = _received(bare_embedded, secret, receiver())
    text = secret.read_text()
    assert is_genuine(text, got.headers, got.body)
    assert not is_genuine(text, got.headers, got.body + b" ")
    assert not is_genuine(text, got.headers | {"webhook-id": "x"}, got.body)
    assert not is_genuine(text, got.headers | {"webhook-timestamp": "1614265330"}, got.body)
    assert not is_genuine("whsec_" + "QUFB" * 10, got.headers, got.body)


@NEEDS_OPENSSL
def test_the_shell_of_the_page_verifies(bare_embedded, secret, receiver, tmp_path):
    """The same with openssl; and the secret that the page makes is one."""
    got = _received(bare_embedded, secret, receiver())
    names = {"id": "webhook-id", "timestamp": "webhook-timestamp", "signature": "webhook-signature"}
    environment = {"PATH": os.environ["PATH"], **{name: got.headers[header] for name, header in names.items()}}
    for body, words in ((got.body, "genuine"), (got.body + b" ", "forged")):
        (tmp_path / "body").write_bytes(body)
        done = subprocess.run(
            ["sh", "-c", _snippet("sh", "openssl dgst")],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            check=False,
        )
        assert done.stdout.decode().strip() == words, done.stderr
    making = _snippet("sh", "openssl rand").splitlines()[0]
    subprocess.run(["sh", "-c", making], cwd=tmp_path, check=True)
    _received(bare_embedded, secret, receiver())
