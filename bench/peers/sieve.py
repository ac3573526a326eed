"""Dovecot's sieve-filter over a Maildir: the Sieve rule that people write, with every name in it."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from processes import NotInstalled

from letters import addresses_by_name

_SETTINGS = """\
base_dir = {folder}/run
state_dir = {folder}/run
mail_location = maildir:{maildir}
log_path = /dev/stderr
ssl = no
mail_uid = {user}
mail_gid = {user}
first_valid_uid = 0
first_valid_gid = 0
plugin {{
  sieve_max_script_size = 0
  sieve_max_actions = 0
}}
"""
_RULE = """\
require ["fileinto", "mailbox"];
if allof (header :contains "from" [{names}], not address :is "from" [{addresses}]) {{
    fileinto "Impersonation";
    stop;
}}
keep;
"""
USER = "mail"


class Sieve:
    """A compiled rule with so many people."""

    def __init__(self, place: Path, maildir: Path, people: int) -> None:
        if shutil.which("sieve-filter") is None:
            raise NotInstalled("sieve-filter (Debian: dovecot-sieve)")
        if os.geteuid() != 0:
            raise NotInstalled("sieve-filter works for another user here: run this as root")
        folder = place / f"sieve-{people}"
        (folder / "run").mkdir(parents=True)
        self._settings, self._rule = folder / "dovecot.conf", folder / "people.sieve"
        self._settings.write_text(_SETTINGS.format(folder=folder, maildir=maildir, user=USER), encoding="ascii")
        known = addresses_by_name(people)
        addresses = [address for one in known.values() for address in one]
        rule = _RULE.format(names=_listed(list(known)), addresses=_listed(addresses))
        self._rule.write_text(rule, encoding="utf-8")
        _give_to_user(folder, maildir)
        self._maildir = maildir
        self._run(["sievec", "-c", str(self._settings), str(self._rule)])

    def command(self) -> list[str]:
        """Judges the whole Maildir and changes nothing in it. Dovecot's own index of the mails is removed first."""
        for index in self._maildir.glob("dovecot*"):
            index.unlink()
        return ["sieve-filter", "-c", str(self._settings), str(self._rule), "INBOX"]

    def _run(self, command: list[str]) -> None:
        subprocess.run(command, check=True, capture_output=True, user=USER, group=USER, extra_groups=[])


def _listed(texts: list[str]) -> str:
    return ",\n".join('"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts)


def _give_to_user(*folders: Path) -> None:
    user = pwd.getpwnam(USER)
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid)
