"""Postfix as docs/milter.md sets it up for one's own people: a login by SASL, or a port of one's own hosts."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterator

import pytest

from support.dovecot import PASSWORD, Dovecot
from support.house import ROOT
from support.milter import FORGED, Kept, Listening
from support.postfix import Postfix
from support.server import free_ports

LETTER = (FORGED + b"\nPlease pay.\n").replace(b"\n", b"\r\n")


def block_of_the_page(beginning: str) -> str:
    """The block that begins so."""
    page = (ROOT / "docs" / "milter.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"```\n({re.escape(beginning)}.*?)```", page, re.DOTALL)
    return found


class Site:
    """A Postfix, its two ports for our own people, and what the milter kept."""

    def __init__(self, kept: Kept, submission: int, own_hosts: int) -> None:
        self.kept, self.submission, self.own_hosts = kept, submission, own_hosts

    def send(self, port: int, *login: str) -> tuple[int, int]:
        """How many messages were judged, and how many learnt from as ours, because of one letter."""
        judged, learnt = len(self.kept.records), len(self.kept.learnt)
        with smtplib.SMTP("127.0.0.1", port, "client.example.net", timeout=60) as client:
            if login:
                client.login(*login)
            client.sendmail("jane.roe@example.com", ["jane@example.com"], LETTER)
        return len(self.kept.records) - judged, len(self.kept.learnt) - learnt


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """With the page's lines of main.cf, of master.cf and of Dovecot's configuration, but for ports and folders."""
    kept = Kept()
    milter, submission, own_hosts = free_ports(3)
    services = block_of_the_page("submission inet")
    services = services.replace("submission", f"127.0.0.1:{submission}").replace("10025", f"127.0.0.1:{own_hosts}")
    settings = dict(line.split(" = ") for line in block_of_the_page("smtpd_sasl_type").splitlines())
    postfix = Postfix(services=services, smtpd_milters=f"inet:127.0.0.1:{milter}", **settings)
    logins = block_of_the_page("service auth").replace("/var/spool/postfix", str(postfix.queue))
    with (
        Listening(kept.door(), f"inet:127.0.0.1:{milter}"),
        postfix,
        Dovecot(logins, postfix.queue / "private" / "auth"),
    ):
        yield Site(kept, submission, own_hosts)


def test_who_has_logged_in_is_one_of_ours(site):
    """His letter is learnt from, and not judged: Postfix says the login in {auth_authen}."""
    assert site.send(site.submission, "jane.roe", PASSWORD) == (0, 1)


def test_who_has_not_is_judged(site):
    """On the same port; and he cannot log in with a wrong password."""
    assert site.send(site.submission) == (1, 1)
    with pytest.raises(smtplib.SMTPAuthenticationError):
        site.send(site.submission, "jane.roe", PASSWORD + "?")


def test_a_port_of_our_own_hosts(site):
    """By the word in master.cf alone."""
    assert site.send(site.own_hosts) == (0, 1)
