"""The first way through the whole house: an entry made by an official client, a message judged by the command line."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from cloudflare import Cloudflare

from support.server import SOSIE

LETTERS = Path(__file__).parents[1] / "letters" / "plain"


def screen(served, *arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess:
    environment = {**served.storage.environment, "SOSIE_ACCOUNT_ID": served.tenant.account_id, "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        [SOSIE, "screen", *arguments], env=environment, input=stdin, capture_output=True, check=False, timeout=60
    )


def test_an_entry_from_the_sdk_protects_against_a_real_message(served):
    """What the SDK enters, `sosie screen` uses at once: the impersonation is flagged, the person herself is not."""
    client = Cloudflare(base_url=served.url, api_token=served.tenant.write_token)
    registry = client.email_security.settings.impersonation_registry
    entry = registry.create(
        account_id=served.tenant.account_id, name="Jane Roe", email="jane.roe@example.com", is_email_regex=False
    )
    forged, honest = (str(LETTERS / name) for name in ("jane_roe_from_freemail.eml", "jane_roe_herself.eml"))
    try:
        flagged = screen(served, "--json", forged)
        assert flagged.returncode == 1, flagged.stderr
        verdict = json.loads(flagged.stdout)
        assert verdict["disposition"] == "MALICIOUS-BEC"
        first, *_ = verdict["findings"]
        assert first["reason"] == "Protected Name Jane Roe should not appear as jane.roe.ceo@gmail.example"
        assert b"Protected Name Jane Roe should not appear as" in screen(served, forged).stdout
        assert screen(served, honest).returncode == 0
        assert screen(served, "-", stdin=Path(forged).read_bytes()).returncode == 1
        assert screen(served, honest, forged).returncode == 1
    finally:
        registry.delete(entry.id, account_id=served.tenant.account_id)
    assert screen(served, forged).returncode == 0


def test_what_is_no_message_is_an_error(served, tmp_path):
    """A file that is not there, that is empty or is a picture is said to be so, with status 2; the rest is judged."""
    empty = tmp_path / "empty.eml"
    empty.touch()
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(0x40, 0x100)))
    for file in (empty, picture, tmp_path / "missing.eml"):
        done = screen(served, "--json", str(file), str(LETTERS / "jane_roe_herself.eml"))
        assert done.returncode == 2
        assert str(file) in done.stderr.decode()
        assert b"Traceback" not in done.stderr
        assert json.loads(done.stdout)["disposition"] == "NONE"


def test_a_message_cannot_steer_the_terminal(served, tmp_path):
    """Control characters of a stranger's message reach nobody's terminal."""
    letter = tmp_path / "esc.eml"
    letter.write_bytes(b"From: =?utf-8?q?Jane_Roe=1B=5B2J?= <x@evil.example>\r\n\r\n")
    assert b"\x1b" not in screen(served, str(letter)).stdout
