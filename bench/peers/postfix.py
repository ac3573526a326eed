"""A Postfix of its own that discards what it takes, with a port for each milter that it is to ask."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from processes import NotInstalled

from support.server import free_ports

SESSIONS = 8
_DAEMONS = Path("/usr/lib/postfix/sbin")
_SETTINGS = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.firm.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
default_transport = discard:
relay_transport = discard:
local_transport = discard:
alias_maps =
alias_database =
smtpd_peername_lookup = no
disable_dns_lookups = yes
smtpd_client_connection_count_limit = 0
smtpd_recipient_restrictions = permit_mynetworks, reject
in_flow_delay = 0
milter_default_action = tempfail
milter_protocol = 6
maillog_file_prefixes = {folder}
maillog_file = {folder}/log
"""
_SERVICES = """\
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """`milters` are addresses as in smtpd_milters, by the name under which they are measured; empty for none."""

    def __init__(self, place: Path, milters: dict[str, str]) -> None:
        if not (_DAEMONS / "master").exists():
            raise NotInstalled("Postfix (Debian: postfix)")
        if os.geteuid() != 0:
            raise NotInstalled("Postfix is started by root alone: run this as root; else it")
        self._folder = place / "postfix"
        etc = self._folder / "etc"
        for folder in (etc, self._folder / "queue", self._folder / "data"):
            folder.mkdir(parents=True)
        os.chown(self._folder / "data", pwd.getpwnam("postfix").pw_uid, -1)
        self._ports = dict(zip(milters, free_ports(len(milters)), strict=True))
        (etc / "main.cf").write_text(_SETTINGS.format(folder=self._folder, daemons=_DAEMONS), encoding="ascii")
        listening = "".join(
            f"127.0.0.1:{self._ports[name]} inet n - n - 100 smtpd -o smtpd_milters={address}\n"
            for name, address in milters.items()
        )
        (etc / "master.cf").write_text(listening + _SERVICES, encoding="ascii")
        self._etc = str(etc)

    def start(self) -> None:
        """Until it answers."""
        subprocess.run(["postfix", "-c", self._etc, "start"], check=True, capture_output=True)
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", next(iter(self._ports.values()))), 1):
                return
            time.sleep(0.05)
        raise RuntimeError((self._folder / "log").read_text(encoding="utf-8"))

    def stop(self) -> None:
        """For good."""
        subprocess.run(["postfix", "-c", self._etc, "stop"], check=False, capture_output=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    def send(self, name: str, letter: Path, count: int) -> float:
        """Messages a second that it took, each in an SMTP session of its own, and has got rid of."""
        command = ["smtp-source", "-s", str(SESSIONS), "-m", str(count), "-F", str(letter)]
        command += ["-f", "bounce@elsewhere.example", "-t", "accounts@firm.example", f"127.0.0.1:{self._ports[name]}"]
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        took = time.perf_counter() - began
        if done.returncode or done.stderr:
            raise RuntimeError(f"{name}: {done.stderr}")
        self._settle()
        return count / took

    def _settle(self) -> None:
        """Wait until nothing is left in the queue, which would slow down whoever is next."""
        queue = self._folder / "queue"
        while any(file.is_file() for name in ("incoming", "active") for file in (queue / name).rglob("*")):
            time.sleep(0.02)
