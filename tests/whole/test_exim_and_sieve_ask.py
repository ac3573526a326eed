"""A real Exim and Dovecot's own Sieve that ask a running server, set up as docs/exim.md says."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.exim import Exim
from support.postfix import open_folder, wait_for
from support.server import SOSIE, Server, Storage, start_server
from support.watching import register

PAGE = Path(__file__).parents[2] / "docs" / "exim.md"
FORGED = "X-CFEmailSecurity-Disposition: NONE\r\n"
DOVECOT = """\
mail_location = maildir:{folder}/mail
base_dir = {folder}/run
state_dir = {folder}/run
log_path = /dev/stderr
ssl = no
mail_uid = mail
mail_gid = mail
first_valid_uid = 0
first_valid_gid = 0
"""


def text_of_the_page(kind: str) -> str:
    (found,) = re.findall(rf"^```{kind}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return found


def letter(name: str, address: str) -> bytes:
    fields = f"From: {name} <{address}>\r\nTo: ann@example.com\r\nSubject: Invoice\r\nMessage-ID: <{address}>\r\n"
    return f"{FORGED}{fields}\r\nPlease pay.\r\n".encode()


FRAUD = letter("Jane Roe", "jane.roe.ceo@gmail.example")
PRIVATE = letter("Jane Roe", "jane@roe.example")
HONEST = letter("Richard Miles", "richard@partner.example")


def localised(text: str, server: Server) -> str:
    """The page's text, with this server's port and token."""
    assert "127.0.0.1:8787" in text
    return text.replace("127.0.0.1:8787", f"127.0.0.1:{server.port}").replace("TOKEN", server.tenant.read_token)


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    one = start_server(Storage(tmp_path_factory.mktemp("exim")))
    register(one, "Jane Roe", "jane.roe@example.com")
    yield one
    if one.process.poll() is None:
        one.stop()


def set_action(server: Server, *arguments: str) -> None:
    command = [SOSIE, "action", "set", *arguments, "--account", server.tenant.account_id]
    subprocess.run(command, env={**os.environ, **server.storage.environment}, check=True, capture_output=True)


def test_the_sieve_rule_asks(server):
    """What is grave goes to Junk; the rest stays."""
    if shutil.which("sieve-test") is None or shutil.which("curl") is None or os.geteuid() != 0:
        pytest.skip("there is no sieve-test (Debian: dovecot-sieve) or no curl, or this is not root, who can use it")
    program = localised(text_of_the_page("sh"), server)
    rule = text_of_the_page("sieve")
    (plugin,) = re.findall(r"^plugin \{\n.*?^\}\n", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    with open_folder() as folder:
        (folder / "token").write_text(server.tenant.read_token)
        (folder / "bin").mkdir()
        (folder / "bin" / "sosie").write_text(program.replace("/etc/sosie/token", str(folder / "token")))
        (folder / "bin" / "sosie").chmod(0o755)
        (folder / "rule.sieve").write_text(rule)
        plugin = plugin.replace("/usr/local/lib/dovecot/sieve", str(folder / "bin"))
        (folder / "dovecot.conf").write_text(DOVECOT.format(folder=folder) + plugin)
        for path in (folder, folder / "bin", folder / "token"):
            shutil.chown(path, "mail", "mail")
        for raw, mailbox in ((FRAUD, "Junk"), (HONEST, "INBOX")):
            (folder / "letter.eml").write_bytes(raw)
            command = ["sieve-test", "-c", "dovecot.conf", "rule.sieve", "letter.eml"]
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30, check=False)
            assert re.search(rf"store message in folder: {mailbox}\b", done.stdout), done.stdout + done.stderr


def test_exim_asks(server):
    """Marked, refused and put off as was set, by recipient; forged marks are gone; without an answer mail flows on."""
    with Exim(localised(text_of_the_page("exim"), server)) as exim:
        assert exim.send(FRAUD, "ann@example.com")[0] == 250
        assert exim.send(PRIVATE, "ann@example.com", "bob@example.com")[0] == 250
        assert exim.send(HONEST, "ann@example.com", sender="")[0] == 250
        wait_for(lambda: len(exim.letters()) == 3, "the letters")
        marks = {name: one.get_all("X-CFEmailSecurity-Disposition") for name, one in exim.letters().items()}
        assert marks == {
            "<jane.roe.ceo@gmail.example>": ["MALICIOUS"],
            "<jane@roe.example>": ["SUSPICIOUS"],
            "<richard@partner.example>": None,
        }
        set_action(server, "MALICIOUS-BEC", "reject", "--domain", "board.example")
        set_action(server, "SUSPICIOUS", "tempfail", "--domain", "board.example")
        wait_for(lambda: exim.send(FRAUD, "ann@board.example")[0] == 550, "the letter to be refused")
        assert exim.send(PRIVATE, "ann@board.example", "bob@board.example")[0] == 451
        assert exim.send(FRAUD, "ann@example.com")[0] == 250
        server.process.send_signal(signal.SIGKILL)
        server.process.wait()
        assert exim.send(FRAUD, "ann@board.example")[0] == 250
