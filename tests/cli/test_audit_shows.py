"""`sosie audit`: who did what, newest first."""

from __future__ import annotations

import os
import pwd
import re


def test_the_audit_tells_who_did_what(embedded):
    """Newest first, with what was and what is of each changed field; by the user of the operating system."""
    actor = f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
    identifier = embedded("entry", "add", "--name", "Jane", "--email", "jane@example.com").lines[0]
    embedded("entry", "edit", identifier, "--name", "Jane Roe", "--comments", "the boss")
    embedded("entry", "remove", identifier)
    lines = embedded("audit").lines
    heads = [line.split() for line in lines if not line.startswith(" ")]
    assert [head[1:] for head in heads[:3]] == [
        ["r4", actor, "entry.delete", identifier],
        ["r3", actor, "entry.edit", identifier],
        ["r2", actor, "entry.create", identifier],
    ]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", head[0]) for head in heads)
    assert '    comments: null -> "the boss", name: "Jane" -> "Jane Roe"' in lines
    assert max(map(len, lines)) <= 120
    records = embedded("audit", "--json", "--limit", "2").documents
    assert [record["action"] for record in records] == ["entry.delete", "entry.edit"]
    assert records[1]["before"]["name"] == "Jane"
    assert list(records[0]) == ["action", "actor", "after", "at", "before", "request_id", "revision", "subject"]


def test_the_server_has_an_audit_of_its_own(embedded):
    """--server and --account exclude each other; an account in the environment does not matter."""
    embedded("token", "create", "--permission", "read", "--all-accounts")
    assert [one["action"] for one in embedded("audit", "--server", "--json").documents] == ["token.create"]
    assert embedded("audit", "--server", "--json", SOSIE_ACCOUNT_ID="x").documents
    assert "exclude each other" in embedded("audit", "--server", "--account", "x", status=2).stderr
