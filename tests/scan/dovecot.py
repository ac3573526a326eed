"""A real Dovecot with one Maildir, on ports of its own."""

from __future__ import annotations

import getpass
import grp
import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

USER, PASSWORD = "jane@example.com", "correct-horse"

_CONFIGURATION = """
base_dir = {place}/run
state_dir = {place}/state
log_path = {place}/log
protocols = imap
listen = 127.0.0.1, 127.0.0.2
ssl = yes
ssl_cert = <{place}/certificate.pem
ssl_key = <{place}/key.pem
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:{place}/mail
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={place}
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {port_encrypted}
  }}
}}
"""
_WITHOUT_ROOT = """
default_internal_user = {me}
default_internal_group = {group}
default_login_user = {me}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


def missing() -> str:
    """The program that this machine lacks; empty if it has all."""
    if shutil.which("dovecot", path=_path()) is None or not Path("/usr/lib/dovecot/imap").exists():
        return "dovecot with imapd"
    return "" if shutil.which("openssl") else "openssl"


class Dovecot:
    """Started; `mail` is the Maildir, `certificate` the one that it shows."""

    def __init__(self, password: str = PASSWORD) -> None:
        self._place = Path(tempfile.mkdtemp(prefix="sosie-dovecot-"))
        self._place.chmod(0o755)
        self.mail = self._place / "mail"
        self.certificate = self._place / "certificate.pem"
        self.port, self.port_encrypted = _free_ports()
        _make_certificate(self._place)
        self._configure(password)
        self._process = subprocess.Popen(
            [shutil.which("dovecot", path=_path()), "-F", "-c", str(self._place / "dovecot.conf")]
        )
        self._wait()

    def url(self, folder: str = "", *, encrypted: bool = False) -> str:
        scheme, port = ("imaps", self.port_encrypted) if encrypted else ("imap", self.port)
        return f"{scheme}://jane%40example.com@localhost:{port}/{folder}"

    def url_of_another_host(self) -> str:
        """Where a client that takes it for one on the network gets no further without STARTTLS."""
        return f"imap://jane%40example.com@127.0.0.2:{self.port}/"

    def own(self) -> None:
        """Give the mail to the user that the server reads it as."""
        if os.geteuid() == 0:
            for path in (self.mail, *self.mail.rglob("*")):
                os.chown(path, *_mail_owner())

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)
        shutil.rmtree(self._place, ignore_errors=True)

    def _configure(self, password: str) -> None:
        for folder in ("run", "state", "mail"):
            (self._place / folder).mkdir()
        uid, gid = _mail_owner()
        text = _CONFIGURATION.format(
            place=self._place, uid=uid, gid=gid, port=self.port, port_encrypted=self.port_encrypted, password=password
        )
        if os.geteuid() != 0:
            text += _WITHOUT_ROOT.format(me=getpass.getuser(), group=grp.getgrgid(os.getgid()).gr_name)
        (self._place / "dovecot.conf").write_text(text, encoding="utf-8")

    def _wait(self) -> None:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                    if connection.recv(4) == b"* OK":
                        return
            except OSError:
                time.sleep(0.05)
        raise AssertionError((self._place / "log").read_text(encoding="utf-8"))


def _path() -> str:
    return os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def _mail_owner() -> tuple[int, int]:
    return (8, 8) if os.geteuid() == 0 else (os.geteuid(), os.getegid())  # Debian's user mail


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _make_certificate(place: Path) -> None:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.2",
         "-keyout", place / "key.pem", "-out", place / "certificate.pem"],
        check=True,
        capture_output=True,
    )  # fmt: skip
