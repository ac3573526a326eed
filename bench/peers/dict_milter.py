"""What somebody writes with pymilter in an afternoon: the name of From looked up in a dict. One thread a connection.

Run by the system's own Python, for which Debian packages pymilter: dict_milter.py SOCKET FILE.json
"""

import json
import sys
from email.header import decode_header, make_header
from email.utils import parseaddr
from pathlib import Path

import Milter  # only Debian's Python has it

PEOPLE = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))


class DictMilter(Milter.Base):
    """One connection."""

    author = None

    @Milter.noreply
    def connect(self, *_):
        """Nothing is looked at."""
        return Milter.CONTINUE

    @Milter.noreply
    def hello(self, _name):
        """Nothing is looked at."""
        return Milter.CONTINUE

    @Milter.noreply
    def envfrom(self, *_):
        """A message begins."""
        self.author = None
        return Milter.CONTINUE

    @Milter.noreply
    def envrcpt(self, *_):
        """Nothing is looked at."""
        return Milter.CONTINUE

    @Milter.noreply
    def header(self, name, value):
        """From is kept."""
        if name.lower() == "from":
            self.author = value
        return Milter.CONTINUE

    @Milter.noreply
    def eoh(self):
        """Nothing is looked at."""
        return Milter.CONTINUE

    @Milter.nocallback
    def body(self, _chunk):
        """Is not sent."""
        return Milter.CONTINUE

    def eom(self):
        """Say so where somebody else has the name."""
        if self.author:
            name, address = parseaddr(str(make_header(decode_header(self.author))))
            addresses = PEOPLE.get(" ".join(name.lower().split()))
            if addresses is not None and address.lower() not in addresses:
                self.addheader("X-Impersonation", "yes")
        return Milter.ACCEPT


Milter.factory = DictMilter
Milter.set_flags(Milter.ADDHDRS)
Milter.runmilter("dict", f"unix:{sys.argv[1]}", 60)
