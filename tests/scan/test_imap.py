"""An IMAP server: every message of every folder, and not one of them marked as read."""

from __future__ import annotations

import imaplib
import shutil
import socket
from contextlib import suppress

import pytest

from scan import dovecot
from scan.dovecot import PASSWORD, Dovecot
from scan.scanner import letter, maildir
from sosie.cli.exit_status import DONE, FAILED, PARTLY
from sosie.scan import imap
from sosie.scan.imap import Account, _from_wire, _to_wire, account_from
from sosie.scan.sources import UnusableAddress

COUNT = 1300  # more than one piece


@pytest.fixture(scope="module")
def server():
    """Dovecot, with an inbox and two folders."""
    if lacking := dovecot.missing():
        pytest.skip(f"this machine has no {lacking}")
    server = Dovecot()
    inbox = [(f"new/{number:04}.a", letter(number, forged=number == 7)) for number in range(COUNT)]
    maildir(server.mail, inbox)
    maildir(server.mail / ".Entw&APw-rfe", [("cur/1.b:2,", letter(5000, forged=True))])
    maildir(server.mail / ".Empty", [])
    server.own()
    yield server
    server.close()


def test_all_folders_are_read_and_nothing_is_changed(scan, server):
    """The address without a folder means all; sources are the messages' own addresses (RFC 5092)."""
    ran = scan("--json", "--jobs", "2", server.url(), status=PARTLY, SOSIE_IMAP_PASSWORD=PASSWORD)
    assert sorted(ran.numbers) == [*range(COUNT), 5000]
    sources = [document["source"] for document in ran.documents]
    assert sources[0] == f"imap://jane%40example.com@localhost:{server.port}/Entw%C3%BCrfe/;UID=1"
    assert len(set(sources)) == COUNT + 1
    flagged = [document["message_id"] for document in ran.documents if document["disposition"] != "NONE"]
    assert flagged == ["<5000@mail.example>", "<7@mail.example>"]
    names = [file.name for folder in ("cur", "new") for file in (server.mail / folder).iterdir()]
    assert len(names) == COUNT
    assert [name for name in names if name.partition(":2,")[2]] == []  # none is \Seen


def test_one_folder_over_an_encrypted_connection(scan, server, tmp_path):
    """The certificate is verified: with the authority's it works, and without it nothing is sent."""
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n", encoding="utf-8")
    url = server.url("Entwürfe", encrypted=True)
    ran = scan("--json", "--password-file", file, url, status=PARTLY, SSL_CERT_FILE=str(server.certificate))
    assert ran.numbers == [5000]
    refused = scan("--json", "--password-file", file, url, status=FAILED)
    assert "CERTIFICATE_VERIFY_FAILED" in refused.stderr


def test_a_connection_to_another_host_is_encrypted_before_the_password_is_sent(scan, server):
    """By STARTTLS, with a certificate that is verified."""
    url = server.url_of_another_host() + "INBOX"
    ran = scan("--json", url, status=PARTLY, SOSIE_IMAP_PASSWORD=PASSWORD, SSL_CERT_FILE=str(server.certificate))
    assert len(ran.documents) == COUNT
    refused = scan("--json", url, status=FAILED, SOSIE_IMAP_PASSWORD=PASSWORD)
    assert "CERTIFICATE_VERIFY_FAILED" in refused.stderr
    assert refused.documents == []


def test_a_wrong_password_or_folder_is_told(scan, server):
    """In one line, and without the password."""
    ran = scan(server.url("INBOX"), status=FAILED, SOSIE_IMAP_PASSWORD="wrong secret")
    assert "AUTHENTICATIONFAILED" in ran.stderr
    ran = scan(server.url("Nowhere"), server.url("Empty"), status=FAILED, SOSIE_IMAP_PASSWORD=PASSWORD)
    assert "Nowhere" in ran.stderr
    assert PASSWORD not in ran.stderr + ran.stdout


def test_a_folder_that_is_closed_to_us_hides_no_other(scan, server):
    """It is told, and those after it are read."""
    closed = maildir(server.mail / ".Closed", [])
    server.own()
    closed.chmod(0)
    try:
        ran = scan("--json", server.url(), status=FAILED, SOSIE_IMAP_PASSWORD=PASSWORD)
    finally:
        closed.chmod(0o700)
        shutil.rmtree(closed)
    assert sorted(ran.numbers) == [*range(COUNT), 5000]
    assert f"{server.url('Closed')}: Closed: " in ran.stderr
    assert "1 could not be judged" in ran.stderr


def test_a_connection_that_broke_while_others_read_is_made_anew(server, monkeypatch):
    """The one that lists the folders waits for minutes, and what is between ends it; no folder is lost for that."""
    connections = []
    connect = imap.connect

    def listed(account):
        connections.append(connect(account))
        return connections[-1]

    monkeypatch.setattr(imap, "connect", listed)
    whole = list(account_from(server.url(), PASSWORD).cuts(None, print))
    broken = []
    for cut in account_from(server.url(), PASSWORD).cuts(None, print):
        broken.append(cut)
        with suppress(OSError):  # it is broken already
            connections[-1].sock.shutdown(socket.SHUT_RDWR)
    assert broken == whole


def test_a_password_of_any_characters(server, scan):
    """It is sent as it is, and the server says that it is wrong."""
    for password in ("geheim-\N{LATIN SMALL LETTER E WITH DIAERESIS}", 'a"b\\c'):
        ran = scan(server.url("Empty"), status=FAILED, SOSIE_IMAP_PASSWORD=password)
        assert "AUTHENTICATIONFAILED" in ran.stderr
    with pytest.raises(imaplib.IMAP4.error, match="Authentication failed"):
        imap.connect(account_from(server.url().replace("jane", "j%C3%A4ne"), "wrong"))


def test_a_password_that_is_no_text_is_refused(scan, tmp_path):
    """A file in another character set: in a sentence, and without the password."""
    (tmp_path / "password").write_bytes(b"p\xe4ssword")
    ran = scan("--password-file", tmp_path / "password", "imaps://jane@mail.example/", status=FAILED)
    assert ran.stderr.startswith("sosie: the password for IMAP is not in UTF-8\n")


def test_a_password_beyond_ascii_opens_the_account(scan):
    """RFC 4616 sends it as UTF-8."""
    if lacking := dovecot.missing():
        pytest.skip(f"this machine has no {lacking}")
    password = "pässwörd☃"
    server = Dovecot(password)
    try:
        maildir(server.mail, [("cur/1.a:2,S", letter(1))])
        server.own()
        ran = scan("--json", server.url(), status=DONE, SOSIE_IMAP_PASSWORD=password)
    finally:
        server.close()
    assert ran.numbers == [1]


def test_folder_names_of_servers_that_have_not_read_the_standard():
    """Names of any octets come back to the server as they came from it."""
    asked = []

    class Server:
        def list(self):
            return "OK", [b'(\\HasNoChildren) "/" "Entw\xc3\xbcrfe"', b'(\\HasNoChildren) "/" "\xff"']

        def select(self, name, **_):
            asked.append(name)
            return "NO", [b"gone"]

    for name in imap._folders(Server()):
        with pytest.raises(imap.CannotOpen):
            imap._examine(Server(), name)
        assert account_from("imaps://jane@mail.example/", "x").address(name).isascii()
    assert asked == [b'"Entw\xc3\xbcrfe"', b'"\xff"']


def test_places_go_on_after_a_uid(server):
    """A scan goes on after the last UID; in a folder that was made anew, it begins again."""
    account = account_from(server.url("INBOX"), PASSWORD)
    assert isinstance(account, Account)
    cuts = list(account.cuts(None, print))
    assert [len(cut.piece.uids) for cut in cuts] == [1000, COUNT - 1000]
    assert [cut.piece for cut in account.cuts(cuts[0].place, print)] == [cuts[1].piece]
    folder, validity, uid = cuts[0].place
    assert list(account.cuts([folder, validity + 1, uid], print)) == cuts


@pytest.mark.parametrize(
    ("url", "password"),
    [
        ("imaps://jane:secret@mail.example/INBOX", "secret"),
        ("imaps://mail.example/INBOX", "secret"),
        ("imaps://jane@mail.example/INBOX", ""),
        ("imaps://jane@mail.example:port/INBOX", "secret"),
        ("imaps://jane%0d%0a@mail.example/INBOX", "secret"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(url, password):
    """Above all one with the password in it, which every user of the machine could see."""
    with pytest.raises(UnusableAddress):
        account_from(url, password)


def test_a_password_is_nowhere_to_be_seen():
    """Not where a value is shown."""
    assert "hidden secret" not in repr(account_from("imaps://jane@mail.example/INBOX", "hidden secret"))


@pytest.mark.parametrize("name", ["INBOX", "Entwürfe", "a&b", "日本語/x", '"q" \\', "~peter/mail/台北"])
def test_folder_names_in_modified_utf_7(name):
    """RFC 3501, 5.1.3: there and back."""
    assert _to_wire(name).isascii()
    assert _from_wire(_to_wire(name)) == name


def test_modified_utf_7_as_the_standard_writes_it():
    """Its own example."""
    assert _to_wire("~peter/mail/台北/日本語") == "~peter/mail/&U,BTFw-/&ZeVnLIqe-"
