"""A real Postfix of its own: a queue and a configuration in a folder, a port of 127.0.0.1, letters into one maildir.

Only root can start one (master(8) changes who it is), and the system's own Postfix is left alone.
"""

from __future__ import annotations

import os
import pwd
import shutil
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest

from support.server import free_ports

_SBIN = Path("/usr/sbin")
_DAEMONS = Path("/usr/lib/postfix/sbin")

_SERVICES = """\
127.0.0.1:{port} inet n - {chroot} - 100 smtpd
127.0.0.1:{trusted_port} inet n - n - 100 smtpd -o milter_macro_daemon_name=ORIGINATING
pickup unix n - n 1 1 pickup
cleanup unix n - {chroot} - 0 cleanup
qmgr unix n - n 10 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - 20 virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

_SETTINGS = {
    "compatibility_level": "3.6",
    "command_directory": str(_SBIN),
    "daemon_directory": str(_DAEMONS),
    "mail_owner": "postfix",
    "setgid_group": "postdrop",
    "myhostname": "mx.example.com",
    "mydestination": "",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4",
    "mynetworks": "127.0.0.0/8",
    "default_transport": "error:this is a test",
    "alias_maps": "",
    "alias_database": "",
    "virtual_mailbox_domains": "example.com",
    "virtual_mailbox_maps": "static:letters/",
    "virtual_mailbox_limit": "0",
    "smtpd_peername_lookup": "no",
    "disable_dns_lookups": "yes",
    "smtpd_client_connection_count_limit": "0",
    "in_flow_delay": "0",
    "milter_protocol": "6",
    "milter_default_action": "accept",
    "milter_connect_timeout": "2s",
    "queue_run_delay": "2s",
    "minimal_backoff_time": "2s",
    "maximal_backoff_time": "4s",
}


def why_not() -> str:
    """What this machine lacks for a Postfix; empty where nothing is missing."""
    if not (_DAEMONS / "master").exists():
        return "there is no Postfix (Debian: postfix)"
    return "" if os.geteuid() == 0 else "only root can start a Postfix"


class Postfix:
    """`settings` go into main.cf, `services` into master.cf; its smtpd and cleanup see its queue alone if `chrooted`.
    Skips the test on a machine that has none."""

    def __init__(self, *, chrooted: bool = False, services: str = "", **settings: str) -> None:
        if reason := why_not():
            pytest.skip(reason)
        self.folder = Path(tempfile.mkdtemp(prefix="sosie-postfix-", dir="/tmp"))  # as open_folder
        self.folder.chmod(0o755)
        self.port, self.trusted_port = free_ports(2)
        self._etc = self.folder / "etc"
        self._log = self.folder / "log"
        self.letters = self.folder / "mail" / "letters"
        nobody = pwd.getpwnam("nobody")
        self.queue = self.folder / "queue"
        for folder in (self._etc, self.queue, self.folder / "data", self.folder / "mail"):
            folder.mkdir()
        os.chown(self.folder / "data", pwd.getpwnam("postfix").pw_uid, -1)
        os.chown(self.folder / "mail", nobody.pw_uid, nobody.pw_gid)
        own = _SERVICES.format(port=self.port, trusted_port=self.trusted_port, chroot="y" if chrooted else "n")
        (self._etc / "master.cf").write_text(own + services)
        written = {
            **_SETTINGS,
            "queue_directory": str(self.queue),
            "data_directory": str(self.folder / "data"),
            "virtual_mailbox_base": str(self.folder / "mail"),
            "virtual_uid_maps": f"static:{nobody.pw_uid}",
            "virtual_gid_maps": f"static:{nobody.pw_gid}",
            "maillog_file_prefixes": str(self.folder),
            "maillog_file": str(self._log),
            **settings,
        }
        (self._etc / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in written.items()))

    def start(self) -> None:
        """Until it answers."""
        self._run("postfix", "start")
        wait_for(self._answers, "Postfix to answer")

    def stop(self) -> None:
        """For good: its folder is removed."""
        self._run("postfix", "stop", check=False)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def client(self, *, trusted: bool = False) -> smtplib.SMTP:
        """A connected client; `trusted` on the port to which only our own people send."""
        return smtplib.SMTP("127.0.0.1", self.trusted_port if trusted else self.port, "client.example.net", timeout=60)

    def send(self, letter: bytes, sender: str = "stranger@example.net", *recipients: str) -> None:
        """One letter by SMTP. Raises smtplib.SMTPException where it is refused."""
        with self.client() as client:
            client.sendmail(sender, recipients or ("jane@example.com",), letter.replace(b"\n", b"\r\n"))

    def submit(self, letter: bytes) -> None:
        """One letter by the command that programs of the host use (non_smtpd_milters)."""
        command = [str(_SBIN / "sendmail"), "-C", str(self._etc), "-f", "cron@example.com", "jane@example.com"]
        subprocess.run(command, input=letter, check=True, timeout=30)

    def delivered(self) -> list[bytes]:
        """All letters that have arrived."""
        return [file.read_bytes() for file in self.delivered_files()]

    def delivered_files(self) -> list[Path]:
        """The same, unread."""
        return list(self.letters.glob("new/*"))

    def held(self) -> list[Path]:
        """The queue files on hold: what was quarantined."""
        return [file for file in (self.queue / "hold").rglob("*") if file.is_file()]

    def waiting(self) -> int:
        """How many letters are still on their way."""
        folders = ("maildrop", "incoming", "active", "deferred")
        return sum(file.is_file() for name in folders for file in (self.queue / name).rglob("*"))

    def log(self) -> str:
        """All that it has said."""
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""

    def _answers(self) -> bool:
        try:
            self.client().close()
        except OSError:
            return False
        return True

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        command = [str(_SBIN / program), "-c", str(self._etc), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert not check or done.returncode == 0, f"{done.stderr}\n{self.log()}"


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every user of this machine may enter, for the socket of a milter; pytest's are for one alone."""
    folder = Path(tempfile.mkdtemp(prefix="sosie-milter-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(condition: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Until it is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.02)
