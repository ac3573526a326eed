"""A real Postfix asks the milter, and letters arrive, are held or are answered as their verdicts say."""

from __future__ import annotations

import grp
import shutil
import signal
import smtplib
from collections.abc import Iterator
from email import message_from_bytes

import pytest

from support.milter import Kept, Listening, Milter
from support.postfix import Postfix, open_folder, wait_for
from support.server import free_ports

BODY = b"\nPlease pay the attached invoice today.\n"
FORGED = b"""\
From: "Jane Roe" <jane.roe@bulk.example>
Reply-To: jane.roe@free.example
To: jane@example.com
Subject: Invoice
Message-ID: <%b@bulk.example>
"""
HONEST = b"""\
From: "Richard Miles" <richard@partner.example>
To: jane@example.com
Subject: Invoice
Message-ID: <%b@partner.example>
"""
COPIES = b"""\
X-CFEMAILSECURITY-DISPOSITION:
\tNONE
X-CFEmailSecurity-Disposition : NONE
x-cfemailsecurity-attribute\t:BEC
X-Sosie-Finding: one
X-sosie-FINDING: two
X-Sosie-Record: 1
X-Kept: 1
"""
FLAGGED = ("MALICIOUS-BEC", "SPOOF", "SUSPICIOUS")


def rules(action: str, domain: str = "") -> list[str]:
    return [part for one in FLAGGED for part in ("--action", f"{domain}{domain and ':'}{one}={action}")]


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Milter, Postfix]]:
    """A Postfix with the milter as its documentation sets it up; by recipient domain all actions are to be had."""
    domains = {"strict.example": "reject", "held.example": "quarantine", "later.example": "tempfail"}
    arguments = [part for domain, action in domains.items() for part in rules(action, domain)]
    with open_folder() as folder, Milter(folder, "", *arguments, SOSIE_SUBJECT_PREFIX="[FRAUD?]") as milter:
        settings = {"smtpd_milters": milter.address, "non_smtpd_milters": milter.address}
        everybody = ", ".join(("example.com", *domains))
        with Postfix(**settings, virtual_mailbox_domains=everybody) as postfix:
            yield milter, postfix
        assert "Traceback" not in milter.log.read_text()


def arrived(postfix: Postfix, message_id: bytes):
    """The letter with this Message-ID once it is there."""

    def look():
        return [one for one in map(message_from_bytes, postfix.delivered()) if message_id.decode() in one["Message-ID"]]

    wait_for(look, f"{message_id!r} to arrive")
    (found,) = look()
    return found


def test_a_forged_letter_arrives_and_says_so(site):
    """In header fields that were not there when it came; its Subject begins with the prefix."""
    _, postfix = site
    postfix.send(COPIES + FORGED % b"forged" + BODY)
    letter = arrived(postfix, b"forged")
    assert letter.get_all("X-CFEmailSecurity-Disposition") in (["MALICIOUS"], ["SUSPICIOUS"])
    (finding,) = [one for one in letter.get_all("X-Sosie-Finding") if one.startswith("author_name; ")]
    assert "Jane Roe" in finding
    assert letter["X-Sosie-Record"] is None
    assert letter["X-Kept"] == "1"
    assert letter["Subject"] == "[FRAUD?] Invoice"
    assert letter.get_payload().strip() == BODY.decode().strip()
    names = [name for name, _ in letter.items()]
    assert names.index("X-CFEmailSecurity-Disposition") < names.index("Received")


def test_an_honest_letter_arrives_as_it_came(site):
    """But for what somebody pretended that we had found."""
    _, postfix = site
    postfix.send(COPIES + HONEST % b"honest" + BODY)
    letter = arrived(postfix, b"honest")
    assert not any(name.lower().startswith(("x-cf", "x-sosie")) for name in letter.keys())  # noqa: SIM118 - repeated ones
    assert letter["X-Kept"] == "1"
    assert letter["Subject"] == "Invoice"


def test_letters_from_the_host_itself_are_judged_too(site):
    """Handed in by the sendmail command (non_smtpd_milters)."""
    _, postfix = site
    postfix.submit(COPIES + FORGED % b"submitted" + BODY)
    letter = arrived(postfix, b"submitted")
    assert len(letter.get_all("X-CFEmailSecurity-Disposition")) == 1


def test_what_our_own_people_send_is_not_judged(site):
    """On a port of their own (milter_macro_daemon_name=ORIGINATING); nor may they say what we found."""
    _, postfix = site
    with postfix.client(trusted=True) as client:
        client.sendmail("jane@example.com", ["jane@example.com"], COPIES + FORGED % b"outbound" + BODY)
    letter = arrived(postfix, b"outbound")
    assert letter["X-CFEmailSecurity-Disposition"] is None


@pytest.mark.parametrize(("domain", "code"), [("strict.example", 550), ("later.example", 451)])
def test_a_letter_may_be_refused(site, domain, code):
    """With a code and a sentence, by the domain of one of those it is to; and it does not arrive."""
    _, postfix = site
    with postfix.client() as client:
        with pytest.raises(smtplib.SMTPDataError) as answer:
            client.sendmail("a@example.net", ["jane@example.com", f"x@{domain}"], FORGED % b"refused" + BODY)
        assert answer.value.smtp_code == code
        assert b"Jane" not in answer.value.smtp_error
        client.sendmail("a@example.net", [f"x@{domain}"], HONEST % domain.encode() + BODY)  # in the same session
    arrived(postfix, domain.encode())
    assert not any(b"<refused@" in letter for letter in postfix.delivered())


def test_a_letter_may_be_held(site):
    """It is in Postfix's queue, on hold, with our fields, until somebody lets it go."""
    _, postfix = site
    postfix.send(FORGED % b"held" + BODY, "a@example.net", "x@held.example")
    (held,) = postfix.held()
    assert b"X-CFEmailSecurity-Disposition" in held.read_bytes()
    assert not any(b"<held@" in letter for letter in postfix.delivered())
    assert "milter-hold" in postfix.log()


def test_one_session_carries_many_letters(site):
    """Some of which are taken back halfway (RSET)."""
    _, postfix = site
    with postfix.client() as client:
        for number in range(20):
            client.mail("a@example.net")
            client.rcpt("jane@example.com")
            client.rset()
            letter = (FORGED if number % 2 else HONEST) % (b"many%02d" % number)
            client.sendmail("a@example.net", ["jane@example.com"], letter + BODY)
    for number in range(20):
        letter = arrived(postfix, b"many%02d" % number)
        assert (letter["X-CFEmailSecurity-Disposition"] is not None) == bool(number % 2)


def test_mail_goes_on_without_the_milter(site):
    """Killed, letters arrive unjudged (milter_default_action = accept); started again, they are judged."""
    milter, postfix = site
    milter.stop(signal.SIGKILL)
    postfix.send(FORGED % b"without" + BODY)
    assert arrived(postfix, b"without")["X-CFEmailSecurity-Disposition"] is None
    milter.start()
    postfix.send(FORGED % b"again" + BODY)
    assert arrived(postfix, b"again")["X-CFEmailSecurity-Disposition"] is not None


def send_as(postfix: Postfix, who: str, sender: str, letter: bytes, *more: str) -> None:
    """Send a letter as if from another client."""
    with postfix.client() as client:
        client.ehlo()
        assert client.docmd("XCLIENT", who)[0] == 220
        client.ehlo("client.example.net")
        client.sendmail(sender, ["x@example.com", *more], letter.replace(b"\n", b"\r\n"))


@pytest.mark.parametrize("protocol", ["2", "3", "4", "6"])
def test_what_postfix_tells_is_understood(protocol):
    """Who was there, whose letter it is and to whom, what it is called, in every dialect; and all of it, if wanted."""
    kept = Kept(raw_kept=1 << 20)
    address = f"127.0.0.1:{free_ports(1)[0]}"
    settings = {"smtpd_milters": f"inet:{address}", "smtpd_authorized_xclient_hosts": "127.0.0.1"}
    postfix = Postfix(**settings, milter_protocol=protocol, inet_protocols="all")
    with Listening(kept.door(body_wanted=1 << 20), f"inet:{address}"), postfix:
        send_as(postfix, "NAME=mail.example.net ADDR=192.0.2.7", "a@example.net", HONEST % b"1" + BODY, "y@example.com")
        send_as(postfix, "NAME=[UNAVAILABLE] ADDR=IPV6:2001:db8::7", "", FORGED % b"2" + BODY)
        log = postfix.log()
    first, second = (record.arrival for record in kept.records)
    assert first.envelope[:3] == ("a@example.net", ("x@example.com", "y@example.com"), "192.0.2.7")
    assert second.envelope[:4] == ("", ("x@example.com",), "2001:db8::7", "")
    if protocol == "6":  # in the older ones {client_name} cannot be asked for
        assert first.envelope.server_name == "mail.example.net"
    assert (first.helo, first.mta_name) == ("client.example.net", "mx.example.com")
    assert f"{first.queue_id}: client=" in log
    raws = [record.raw for record in kept.records]
    for raw, header in zip(raws, (HONEST % b"1", FORGED % b"2"), strict=True):
        assert raw.startswith(header.replace(b"\n", b"\r\n"))
        assert raw.endswith(b"\r\n" + BODY.replace(b"\n", b"\r\n"))  # after the Date that Postfix has added


def test_a_chrooted_postfix_reaches_the_socket():
    """In a folder below the queue, of the group of Postfix, whose files get that group; and nobody else may. cleanup
    asks about what is handed in."""
    address = "unix:sosie/milter.sock"
    settings = {"smtpd_milters": address, "non_smtpd_milters": address}
    with open_folder() as folder, Postfix(chrooted=True, **settings) as postfix:
        place = postfix.queue / "sosie"
        place.mkdir()
        shutil.chown(place, "nobody", "postfix")
        place.chmod(0o2750)
        with Milter(folder, f"unix:{place}/milter.sock", "--socket-mode", "0660") as milter:
            socket_ = (place / "milter.sock").stat()
            assert (socket_.st_mode & 0o777, grp.getgrgid(socket_.st_gid).gr_name) == (0o660, "postfix")
            postfix.send(FORGED % b"chrooted" + BODY)
            postfix.submit(FORGED % b"handed-in" + BODY)
            for message_id in (b"chrooted", b"handed-in"):
                assert arrived(postfix, message_id)["X-CFEmailSecurity-Disposition"] is not None
            assert milter.stop() == 0
