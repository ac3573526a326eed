"""What `sosie user` and `sosie token` make opens a running server, and what they take away closes it at once."""

from __future__ import annotations

import httpx
import pytest

from cli.conftest import Shell


@pytest.fixture
def sosie(served) -> Shell:
    return Shell(served.storage, {"SOSIE_ACCOUNT_ID": served.tenant.account_id})


@pytest.fixture
def status(served):
    """The status of a request with the given headers."""
    path = "/accounts/{}/email-security/settings/impersonation_registry"

    def ask(method: str = "GET", account: str = served.tenant.account_id, **headers: str) -> int:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        url = served.url + path.format(account)
        body = {"name": "N", "email": "n@example.com", "is_email_regex": False} if method == "POST" else None
        return httpx.request(method, url, headers=names, json=body, timeout=30).status_code

    return ask


def test_a_token_reads_or_writes_until_it_is_revoked(sosie, status, served):
    """--permission read does not write; a revoked token is refused with the next request."""
    reading = sosie("token", "create", "--permission", "read").lines[0]
    made = sosie("token", "create", "--permission", "write", "--json").json
    writing = f"Bearer {made['value']}"
    assert status(authorization=f"Bearer {reading}") == 200
    assert status("POST", authorization=f"Bearer {reading}") == 403
    assert status("POST", authorization=writing) == 201
    assert status(account=served.other.account_id, authorization=writing) == 403
    assert sosie("token", "revoke", made["id"], "--json").json == {"id": made["id"]}
    assert status(authorization=writing) == 403


def test_a_rolled_token_has_another_value(sosie, status):
    """The old value is refused with the next request."""
    made = sosie("token", "create", "--permission", "read", "--json").json
    assert status(authorization=f"Bearer {made['value']}") == 200
    rolled = sosie("token", "roll", made["id"]).lines
    assert len(rolled) == 1
    assert status(authorization=f"Bearer {made['value']}") == 403
    assert status(authorization=f"Bearer {rolled[0]}") == 200


def test_a_token_for_all_accounts_reaches_every_one(sosie, status, served):
    """Also those that are not its own."""
    value = sosie("token", "create", "--permission", "write", "--all-accounts").lines[0]
    assert status(authorization=f"Bearer {value}") == 200
    assert status(account=served.other.account_id, authorization=f"Bearer {value}") == 200


def test_a_user_opens_the_accounts_that_he_is_a_member_of(sosie, status, served):
    """With the key that was printed, or brought along; a second account is added without another key."""
    key = sosie("user", "create", "Jane.Roe@example.com").lines[0]
    jane = {"x_auth_email": "jane.roe@example.com", "x_auth_key": key}
    other = served.other.account_id
    assert status(**jane) == 200
    assert status(account=other, **jane) == 403
    assert sosie("user", "create", "jane.roe@example.com", "--account", other).stdout == ""
    assert status(account=other, **jane) == 200
    brought = "144c9defac04969c7bfad8efaa8ea194"
    sosie("user", "create", "bob@example.com", "--api-key-stdin", stdin=brought + "\r\n")
    assert status(x_auth_email="bob@example.com", x_auth_key=brought) == 200


def test_what_the_api_did_is_in_the_audit_with_its_request(sosie, client, registry):
    """Told apart from what the command line did."""
    made = client.post(registry, json={"name": "N", "email": "n@example.com", "is_email_regex": False})
    assert made.status_code == 201
    record = sosie("audit", "--limit", "1", "--json").json
    assert record["request_id"]
    assert record["subject"] == made.json()["result"]["id"]
    assert f"request {record['request_id']}" in sosie("audit", "--limit", "1").lines[0]
