"""Keys and tokens are printed when they are made, and stand nowhere else."""

from __future__ import annotations


def test_no_secret_is_listed_recorded_or_kept(embedded):
    """Neither in lists nor in the audit nor in the database."""
    made = embedded("token", "create", "--permission", "write", "--json").json
    brought = "144c9defac04969c7bfad8efaa8ea194"
    embedded("user", "create", "brought@example.com", "--api-key-stdin", stdin=brought)
    secrets = [
        made["value"],
        embedded("token", "roll", made["id"]).lines[0],
        embedded("token", "create", "--permission", "read", "--all-accounts").lines[0],
        embedded("user", "create", "jane@example.com").lines[0],
        brought,
    ]
    said = ""
    for command in (["audit", "--json"], ["audit", "--server"], ["token", "list", "--json"], ["token", "list"]):
        ran = embedded(*command)
        said += ran.stdout + ran.stderr
    kept = b"".join(file.read_bytes() for file in embedded.storage.data_dir.glob("sosie.sqlite*"))
    assert "user.create" in said
    for secret in secrets:
        assert secret not in said
        assert secret.encode() not in kept
