"""A real Sendmail of its own, that hands every letter to a maildir-like folder.

Debian's package conflicts with Postfix's, so it is not installed but unpacked (`dpkg -x sendmail-bin_*.deb FOLDER`);
SOSIE_TEST_SENDMAIL names the program: FOLDER/usr/libexec/sendmail/sendmail.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import smtplib
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import pytest

from support.house import ROOT
from support.postfix import wait_for
from support.server import free_ports

PROGRAM = os.environ.get("SOSIE_TEST_SENDMAIL", "")

# As little as a Sendmail needs: every address goes to one mailer. The white space in rules is tabs.
_CONFIGURATION = """\
V10/Berkeley
Cwlocalhost
Djmx.example.com
DZ8
DnMAILER-DAEMON
O QueueDirectory={folder}/queue
O PidFile={folder}/pid
O DaemonPortOptions=Port={port},Addr=127.0.0.1,Name=MTA
O InputMailFilters=sosie
O Timeout.ident=0
O DeliveryMode=background
O DefaultUser=nobody
O LogLevel=9
O Milter.macros.connect=j, _, {{daemon_name}}, {{if_name}}, {{if_addr}}
O Milter.macros.envfrom=i, {{auth_type}}, {{auth_authen}}
Xsosie, {filter}
HReceived: from $s by $j; $b
Scanonify=3
R$*<$*>$*\t$2
Sparse=0
R$*\t$#sink $@ x $: $1
Sfinal=4
Mlocal, P=/bin/false, F=lsDFM, A=false
Mprog, P=/bin/false, F=lsDFM, A=false
Msink, P={folder}/sink, F=DFMu, A=sink $u
"""


def _filter_of_the_page(socket: str) -> str:
    page = (ROOT / "docs" / "milter.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"^INPUT_MAIL_FILTER\(`sosie', `(S=inet:.*?)'\)dnl$", page, re.MULTILINE)
    return re.sub(r"S=[^,]*", f"S={socket}", found)


def why_not() -> str:
    """What this machine lacks for a Sendmail; empty where nothing is missing."""
    if not PROGRAM:
        return "SOSIE_TEST_SENDMAIL names no Sendmail (Debian: sendmail-bin, unpacked into a folder)"
    return "" if os.geteuid() == 0 else "only root can start a Sendmail"


class Sendmail:
    """Asks the milter at this socket, as docs/milter.md has it. Skips the test on a machine that has none."""

    def __init__(self, socket: str, flags: str = "") -> None:
        if reason := why_not():
            pytest.skip(reason)
        self.folder = Path(tempfile.mkdtemp(prefix="sosie-sendmail-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.port = free_ports(1)[0]
        self.queue = self.folder / "queue"
        self.letters = self.folder / "letters"
        for folder in (self.queue, self.letters):
            folder.mkdir()
        self.queue.chmod(0o700)
        self.letters.chmod(0o777)
        self._file = self.folder / "sendmail.cf"
        values = {"folder": self.folder, "port": self.port, "filter": _filter_of_the_page(socket) + flags}
        self._file.write_text(_CONFIGURATION.format(**values))
        sink = self.folder / "sink"
        sink.write_text(f"#!/bin/sh\ncat > {self.letters}/.$$ && mv {self.letters}/.$$ {self.letters}/$$\n")
        sink.chmod(0o755)
        self.log = self.folder / "log"

    def __enter__(self) -> Self:
        with self.log.open("w") as stream:
            command = self._command("-bD")
            self._process = subprocess.Popen(command, stdout=stream, stderr=stream, start_new_session=True)
        wait_for(self._answers, "Sendmail to answer")
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def send(self, letter: bytes, sender: str = "stranger@example.net", *recipients: str) -> None:
        """One letter by SMTP. Raises smtplib.SMTPException where it is refused."""
        with smtplib.SMTP("127.0.0.1", self.port, "client.example.net", timeout=15) as client:
            client.sendmail(sender, recipients or ("jane@example.com",), letter.replace(b"\n", b"\r\n"))

    def run(self, *options: str) -> None:
        """The command, as its administrator runs it."""
        subprocess.run(self._command(*options), check=True, timeout=30)

    def delivered(self) -> list[bytes]:
        """All letters that have arrived."""
        return [file.read_bytes() for file in self.letters.glob("[0-9]*")]

    def _command(self, *options: str) -> list[str]:
        # It waits a minute for a name with a dot in it.
        line = f'hostname mx.example.com; exec {PROGRAM} -C {self._file} "$@"'
        return ["unshare", "-u", "sh", "-c", line, "sendmail", *options]

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.log.read_text()
        try:
            smtplib.SMTP("127.0.0.1", self.port, timeout=10).close()
        except OSError:
            return False
        return True
