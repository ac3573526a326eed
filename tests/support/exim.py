"""A real Exim of its own, that puts every letter into a Maildir.

Debian's package conflicts with Postfix's, so it is not installed but unpacked (`dpkg -x exim4-daemon-light_*.deb
FOLDER`); SOSIE_TEST_EXIM names the program: FOLDER/usr/sbin/exim4. It wants a user Debian-exim to be there.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import smtplib
import subprocess
import tempfile
from contextlib import suppress
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Self

import pytest

from support.postfix import wait_for
from support.server import free_ports

PROGRAM = os.environ.get("SOSIE_TEST_EXIM", "")

_CONFIGURATION = """\
primary_hostname = mx.example.com
exim_path = {program}
spool_directory = {folder}/spool
log_file_path = {folder}/log/%s
pid_file_path = {folder}/pid
exim_user = nobody
exim_group = nogroup
never_users =
acl_smtp_rcpt = acl_check_rcpt
acl_smtp_data = acl_check_data
begin acl
acl_check_rcpt:
  accept
acl_check_data:
{acl}
  accept
begin routers
all:
  driver = accept
  transport = letters
begin transports
letters:
  driver = appendfile
  directory = {folder}/letters
  maildir_format
  user = nobody
  envelope_to_add
"""


def why_not() -> str:
    """What this machine lacks for an Exim; empty where nothing is missing."""
    if not PROGRAM:
        return "SOSIE_TEST_EXIM names no Exim (Debian: exim4-daemon-light, unpacked into a folder)"
    if os.geteuid() != 0:
        return "only root can start an Exim with a configuration of its own"
    try:
        pwd.getpwnam("Debian-exim")
    except KeyError:
        return "there is no user Debian-exim, without whom Debian's Exim does not start"
    return ""


class Exim:
    """With these lines in the ACL that looks at the message. Skips the test on a machine that has none."""

    def __init__(self, acl: str) -> None:
        if reason := why_not():
            pytest.skip(reason)
        self.folder = Path(tempfile.mkdtemp(prefix="sosie-exim-", dir="/tmp"))
        self.folder.chmod(0o755)
        (self.port,) = free_ports(1)
        for name in ("spool", "log", "letters"):
            (self.folder / name).mkdir()
            shutil.chown(self.folder / name, "nobody", "nogroup")
        self._file = self.folder / "exim.conf"
        self._file.write_text(_CONFIGURATION.format(folder=self.folder, program=PROGRAM, acl=acl))

    def __enter__(self) -> Self:
        command = [PROGRAM, "-C", str(self._file), "-bdf", "-oX", f"127.0.0.1.{self.port}"]
        self._process = subprocess.Popen(command, start_new_session=True)
        wait_for(self._answers, "Exim to answer")
        return self

    def __exit__(self, *_: object) -> None:
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def send(self, letter: bytes, *recipients: str, sender: str = "bounce@mail.example") -> tuple[int, str]:
        """What it answered to the letter."""
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as client:
            client.ehlo("mail.example")
            client.mail(sender)
            for recipient in recipients:
                client.rcpt(recipient)
            code, text = client.data(letter)
            return code, text.decode()

    def letters(self) -> dict[str, Message]:
        """What has arrived, by Message-ID."""
        found = [message_from_bytes(file.read_bytes()) for file in (self.folder / "letters").glob("new/*")]
        return {str(one["Message-ID"]): one for one in found}

    def log(self) -> str:
        """All that it has said."""
        return "".join(file.read_text(errors="replace") for file in (self.folder / "log").glob("*"))

    def _answers(self) -> bool:
        assert self._process.poll() is None, self.log()
        with suppress(OSError), smtplib.SMTP("127.0.0.1", self.port, timeout=1):
            return True
        return False
