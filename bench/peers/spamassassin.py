"""SpamAssassin's spamd with two rules, all names in one expression and all addresses in another; nothing else is on."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from processes import NotInstalled, Program
from talk import SpamdClient

from letters import addresses_by_name
from support.server import free_ports

SYMBOL = b"IMPERSONATION"
_PLUGINS = "loadplugin Mail::SpamAssassin::Plugin::Check\nloadplugin Mail::SpamAssassin::Plugin::HeaderEval\n"
_SETTINGS = """\
use_bayes 0
skip_rbl_checks 1
dns_available no
use_learner 0
report_safe 0
normalize_charset 1
header __NAMED From:name =~ /^\\s*(?:{names})\\s*$/i
header __KNOWN From:addr =~ /^(?:{addresses})$/i
meta IMPERSONATION __NAMED && !__KNOWN
score IMPERSONATION 4.0
"""


class Spamd:
    """One that protects so many people."""

    def __init__(self, place: Path, people: int) -> None:
        if shutil.which("spamd") is None:
            raise NotInstalled("spamd (Debian: spamd)")
        self.folder = place / f"spamd-{people}"
        for name in ("site", "rules"):
            (self.folder / name).mkdir(parents=True)
        (self.port,) = free_ports(1)
        known = addresses_by_name(people)
        addresses = "|".join(_quoted(address) for one in known.values() for address in one)
        settings = _SETTINGS.format(names="|".join(map(_quoted, known)), addresses=addresses)
        (self.folder / "site" / "init.pre").write_text(_PLUGINS, encoding="ascii")
        (self.folder / "site" / "local.cf").write_text(settings, encoding="utf-8")
        shutil.copy("/usr/share/spamassassin/20_aux_tlds.cf", self.folder / "rules")
        self.program: Program | None = None

    def client(self) -> SpamdClient:
        """A connection for every message."""
        return SpamdClient(self.port)

    def start(self, probe: bytes) -> float:
        """Seconds until it finds the forged letter."""
        command = ["spamd", "-L", "-x", "-m", "1", "--min-children=1", "--max-conn-per-child=1000000"]
        command += ["-p", str(self.port), "-i", "127.0.0.1", "-A", "127.0.0.1", "-s", str(self.folder / "log")]
        command += [f"--siteconfigpath={self.folder}/site", "-C", str(self.folder / "rules")]
        self.program = Program(command, self.folder / "output")
        return self.program.wait_for(lambda: SYMBOL in self.client().ask(probe), 300)

    def stop(self) -> None:
        """End it."""
        if self.program:
            self.program.stop()


def _quoted(text: str) -> str:
    return re.escape(text).replace("/", "\\/").replace("\\ ", "\\s+").replace("@", "\\@")
