"""A real rspamd beside us, set up as docs/rspamd.md says: two milters in Postfix, and rspamd that asks us."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import httpx
import pytest

from support.dns_server import DnsServer
from support.milter import Milter
from support.postfix import Postfix, open_folder, wait_for
from support.rspamd import Rspamd
from support.server import Server, Storage, start_server
from support.watching import register

PAGE = Path(__file__).parents[2] / "docs" / "rspamd.md"
FORGED = b"""\
From: Jane Roe <jane.roe@bulk.example>
To: jane@example.com
Subject: Invoice
Message-ID: <forged@bulk.example>

Please pay.
"""
SPOOFED = b"""\
Authentication-Results: mx.example.com; dmarc=pass header.from=example.com; spf=pass smtp.mailfrom=example.com
From: Jane Roe <jane.roe@example.com>
To: jane@example.com
Subject: Invoice
Message-ID: <spoofed@example.com>

Please pay.
"""
HONEST = b"""\
From: Richard Miles <richard@partner.example>
To: jane@example.com
Subject: Invoice
Message-ID: <honest@partner.example>

Please pay.
"""


def file_of_the_page(name: str) -> str:
    """What the page says stands in a file of /etc/rspamd."""
    (found,) = re.findall(rf"`/etc/rspamd/{re.escape(name)}`:\n\n```\w*\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    one = start_server(Storage(tmp_path_factory.mktemp("rspamd")))
    register(one, "Jane Roe", "jane.roe@example.com")
    yield one
    if one.process.poll() is None:
        one.stop(signal.SIGINT)


@pytest.fixture(scope="module")
def rspamd(server) -> Iterator[Rspamd]:
    """Both ways at once: one does not hinder the other."""
    asks = file_of_the_page("rspamd.local.lua").replace('"TOKEN"', f'"{server.tenant.read_token}"')
    additions = {
        "local.d/milter_headers.conf": file_of_the_page("local.d/milter_headers.conf"),
        "rspamd.local.lua": asks.replace("127.0.0.1:8787", f"127.0.0.1:{server.port}"),
    }
    names = DnsServer(
        {"bulk.example": {"TXT": ['"v=spf1 ip4:192.0.2.7 -all"']}, "example.com": {"TXT": ['"v=spf1 -all"']}}
    )
    names.text("_dmarc.example.com", "v=DMARC1; p=reject")
    try:
        with Rspamd(additions, names.address[1]) as one:
            yield one
    finally:
        names.close()


def arrived(postfix: Postfix, message_id: str) -> Message:
    def look() -> list[Message]:
        return [one for one in map(message_from_bytes, postfix.delivered()) if message_id in one["Message-ID"]]

    wait_for(look, f"{message_id} to arrive")
    (found,) = look()
    return found


def through(letters: tuple[bytes, ...], *before: str) -> list[Message]:
    """Letters as they arrive, sent by a host of bulk.example through Postfix, the milters `before`, and ours, which
    believes what mx.example.com has written."""
    with open_folder() as folder, Milter(folder, "", "--authserv-id", "mx.example.com") as milter:
        milters = ", ".join((*before, milter.address))
        with Postfix(smtpd_milters=milters, smtpd_authorized_xclient_hosts="127.0.0.1") as postfix:
            for letter in letters:
                with postfix.client() as client:
                    client.ehlo()
                    client.docmd("XCLIENT", "NAME=mail.bulk.example ADDR=192.0.2.7")
                    client.ehlo("mail.bulk.example")
                    client.sendmail("a@bulk.example", ["jane@example.com"], letter.replace(b"\n", b"\r\n"))
            found = [arrived(postfix, message_from_bytes(letter)["Message-ID"]) for letter in letters]
        assert "Traceback" not in milter.log.read_text()
    return found


def test_two_milters_in_postfix(rspamd):
    """The results that rspamd has written are believed, and none that came with the message."""
    forged, spoofed, honest = through((FORGED, SPOOFED, HONEST), f"inet:127.0.0.1:{rspamd.milter_port}")
    for one in (forged, spoofed, honest):
        (results,) = one.get_all("Authentication-Results")
        assert results.startswith("mx.example.com;")
        assert "spf=pass" in results
        assert "dmarc=pass" not in results
    assert forged["X-CFEmailSecurity-Disposition"] in {"MALICIOUS", "SUSPICIOUS"}
    assert spoofed["X-CFEmailSecurity-Disposition"] == "SPOOF"
    assert honest["X-CFEmailSecurity-Disposition"] is None


def test_without_rspamd_before_us_whoever_says_so_is_authenticated():
    """Why it goes first, and why nobody is believed whose mail server leaves such fields in."""
    (spoofed,) = through((SPOOFED,))
    assert spoofed["X-CFEmailSecurity-Disposition"] is None


@pytest.mark.parametrize(("letter", "flagged"), [(FORGED, True), (HONEST, False)], ids=["forged", "honest"])
def test_rspamd_asks_us(rspamd, letter, flagged):
    """What we say is a symbol with a score of its own."""
    envelope = [
        ("IP", "192.0.2.7"),
        ("From", "a@bulk.example"),
        ("Rcpt", "jane@example.com"),
        ("Helo", "mail.bulk.example"),
    ]
    answer = rspamd.check(letter.replace(b"\n", b"\r\n"), envelope)
    assert ("SOSIE" in answer["symbols"]) == flagged, rspamd.log()[-3000:]
    if flagged:
        symbol = answer["symbols"]["SOSIE"]
        assert 1 < symbol["score"] <= 10
        assert symbol["options"][0] in {"MALICIOUS-BEC", "SUSPICIOUS"}
    assert "sosie does not answer" not in rspamd.log()


def test_rspamd_names_all_recipients(rspamd, server):
    """A message that one of its recipients wants unjudged is judged for the others, and adds nothing for that one."""
    settings = f"{server.url}/accounts/{server.tenant.account_id}/email-security/settings/allow_policies"
    policy = {"pattern": "lab@example.com", "pattern_type": "EMAIL", "is_regex": False, "is_acceptable_sender": False,
              "is_exempt_recipient": True, "is_trusted_sender": False, "verify_sender": False}  # fmt: skip
    headers = {"Authorization": f"Bearer {server.tenant.write_token}"}
    assert httpx.post(settings, json=policy, headers=headers).status_code == 201
    sender, lab, jane = ("From", "a@bulk.example"), ("Rcpt", "lab@example.com"), ("Rcpt", "jane@example.com")
    wait_for(lambda: "SOSIE" not in rspamd.check(FORGED, [sender, lab])["symbols"], "the policy to be in force")
    assert "SOSIE" in rspamd.check(FORGED, [sender, lab, jane])["symbols"]


def test_rspamd_goes_on_without_us(rspamd, server):
    """Its verdict lacks our symbol, and its log says why."""
    assert server.stop(signal.SIGINT) == 0
    answer = rspamd.check(FORGED, [("From", "a@bulk.example")])
    assert "SOSIE" not in answer["symbols"]
    assert "sosie does not answer" in rspamd.log()
