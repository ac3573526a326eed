"""The Sieve rule of the page on the milter does what the page says, by Dovecot's own interpreter."""

from __future__ import annotations

import os
import re
import shutil
import subprocess

import pytest

from sosie.detection.actions import TAG
from sosie.detection.verdict import MALICIOUS_BEC, NONE, SPOOF, SUSPICIOUS, Verdict
from sosie.milter.header import read_header
from sosie.milter.replies import Dialect, to_replies
from sosie.screening.gate import Screened
from support.house import ROOT
from support.milter import replies
from support.postfix import open_folder

CONFIGURATION = """\
mail_location = maildir:{0}/mail
base_dir = {0}/run
state_dir = {0}/run
log_path = /dev/stderr
ssl = no
mail_uid = mail
mail_gid = mail
first_valid_uid = 0
first_valid_gid = 0
"""


@pytest.mark.parametrize(
    ("disposition", "mailbox"), [(MALICIOUS_BEC, "Junk"), (SPOOF, "Junk"), (SUSPICIOUS, "INBOX"), (NONE, "INBOX")]
)
def test_the_sieve_rule_puts_flagged_mail_aside(disposition, mailbox):
    """What is grave goes to Junk; the rest stays."""
    if shutil.which("sieve-test") is None or os.geteuid() != 0:
        pytest.skip("there is no sieve-test (Debian: dovecot-sieve), or this is not root, who alone can use it")
    page = (ROOT / "docs" / "milter.md").read_text(encoding="utf-8")
    (rule,) = re.findall(r"```sieve\n(.*?)```", page, re.DOTALL)
    screened = Screened(TAG, Verdict("", disposition, 0.9, ()))
    found = replies(to_replies(screened, read_header((), (), lead_space=True), Dialect()))
    fields = [one[5:-1].replace(b"\0", b":") for one in found if one[:1] == b"i"]
    with open_folder() as folder:
        (folder / "rule.sieve").write_text(rule)
        (folder / "dovecot.conf").write_text(CONFIGURATION.format(folder))
        (folder / "letter.eml").write_bytes(
            b"\n".join([*fields, b"From: a@example.net", b"Subject: x", b"", b"x", b""])
        )
        shutil.chown(folder, "mail", "mail")
        command = ["sieve-test", "-c", "dovecot.conf", "rule.sieve", "letter.eml"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30, check=False)
    assert re.search(rf"store message in folder: {mailbox}\b", done.stdout), done.stdout + done.stderr
