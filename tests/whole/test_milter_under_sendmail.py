"""A real Sendmail asks the milter, unchanged."""

from __future__ import annotations

import shutil
import smtplib
import tempfile
from email import message_from_bytes
from pathlib import Path

import pytest

from sosie.api.investigate import where_it_waits
from support.flagged import flagged
from support.milter import FORGED, HONEST, Kept, Listening, Milter
from support.postfix import open_folder, wait_for
from support.sendmail import Sendmail, why_not
from support.server import free_ports

BODY = b"\nPlease pay.\n"
COPIES = b"""\
X-CFEMAILSECURITY-DISPOSITION:
\tNONE
X-CFEmailSecurity-Disposition : NONE
X-Sosie-Finding: one
x-sosie-FINDING\t: two
"""
FLAGGED = ("MALICIOUS-BEC", "SPOOF", "SUSPICIOUS")


def rules(action: str, domain: str) -> list[str]:
    return [part for one in FLAGGED for part in ("--action", f"{domain}:{one}={action}")]


def _options_that_let_go(queue_id: str) -> list[list[str]]:
    """Those of the two commands that `sosie flagged release` names."""
    held = flagged(action="quarantine")
    said = where_it_waits(held._replace(arrival=held.arrival._replace(queue_id=queue_id)))
    commands = [command.split() for command in said.split("`")[1].split(" && ")]
    assert [name for name, *_ in commands] == ["sendmail", "sendmail"]
    return [options for _, *options in commands]


def test_letters_arrive_are_held_or_refused():
    """As under Postfix: our fields in, every copy out, 550, and the quarantine of the queue (qf becomes hf)."""
    port = free_ports(1)[0]
    arguments = [*rules("reject", "strict.example"), *rules("quarantine", "held.example")]
    prefix = {"SOSIE_SUBJECT_PREFIX": "[FRAUD?]"}
    with (
        open_folder() as folder,
        Milter(folder, f"inet:127.0.0.1:{port}", *arguments, **prefix),
        Sendmail(f"inet:{port}@127.0.0.1") as sendmail,
    ):
        sendmail.send(COPIES + FORGED + BODY)
        sendmail.send(COPIES + HONEST + BODY)
        with pytest.raises(smtplib.SMTPDataError, match=r"5\.7\.1"):
            sendmail.send(FORGED + BODY, "a@example.net", "jane@strict.example")
        sendmail.send(FORGED + BODY, "a@example.net", "jane@held.example")
        wait_for(lambda: len(sendmail.delivered()) == 2, "two letters")
        wait_for(lambda: list(sendmail.queue.glob("hf*")), "one on hold")
        letters = {one["Message-ID"]: one for one in map(message_from_bytes, sendmail.delivered())}
        (held,) = sendmail.queue.glob("hf*")
        for options in _options_that_let_go(held.name.removeprefix("hf")):
            sendmail.run(*options)
        wait_for(lambda: len(sendmail.delivered()) == 3, "the one that was let go")
    forged, honest = letters["<1@bulk.example>"], letters["<2@partner.example>"]
    assert len(forged.get_all("X-CFEmailSecurity-Disposition")) == 1
    assert forged["X-CFEmailSecurity-Disposition"] != "NONE"
    assert any(one.startswith("author_name; ") for one in forged.get_all("X-Sosie-Finding"))
    assert forged["Subject"] == "[FRAUD?] Invoice"
    assert not [name for name in honest.keys() if name.lower().startswith(("x-cf", "x-sosie"))]  # noqa: SIM118 - repeated
    assert honest["Subject"] == "Invoice"


def test_what_sendmail_tells_is_understood():
    """Who was there, whose letter it is and to whom; and all of it, if wanted."""
    kept, port = Kept(raw_kept=1 << 20), free_ports(1)[0]
    with (
        Listening(kept.door(body_wanted=1 << 20), f"inet:127.0.0.1:{port}"),
        Sendmail(f"inet:{port}@127.0.0.1") as sendmail,
    ):
        sendmail.send(HONEST + BODY, "a@example.net", "x@example.com", "y@example.com")
    (record,) = kept.records
    arrival = record.arrival
    assert arrival.envelope[:3] == ("a@example.net", ("x@example.com", "y@example.com"), "127.0.0.1")
    assert (arrival.helo, arrival.mta_name) == ("client.example.net", "mx.example.com")
    assert arrival.queue_id
    assert b"Subject: Invoice\r\n" in record.raw
    assert record.raw.endswith(b"\r\n" + BODY.replace(b"\n", b"\r\n"))


def test_a_unix_socket():
    """In a folder that its owner alone may write, as systemd makes it: Sendmail takes no other."""
    if reason := why_not():
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="sosie-milter-", dir="/run") as name:
        folder = Path(name)
        shutil.chown(folder, "nobody", "nogroup")
        folder.chmod(0o750)
        with Milter(folder), Sendmail(f"unix:{folder}/milter.sock") as sendmail:
            sendmail.send(FORGED + BODY)
            wait_for(sendmail.delivered, "the letter")
            assert b"X-CFEmailSecurity-Disposition" in sendmail.delivered()[0]


def test_mail_goes_on_without_the_milter():
    """Unless F=T asks for a temporary failure."""
    nobody_listens = f"inet:{free_ports(1)[0]}@127.0.0.1"
    with Sendmail(nobody_listens) as sendmail:
        sendmail.send(HONEST + BODY)
        wait_for(sendmail.delivered, "the letter")
    with Sendmail(nobody_listens, ", F=T") as sendmail, pytest.raises((smtplib.SMTPException, OSError)):
        sendmail.send(HONEST + BODY)
