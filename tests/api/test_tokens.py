"""API tokens over the API: made, listed, read, replaced, rolled, deleted."""

from __future__ import annotations

import re

import pytest

from .account import errors
from .conftest import bearer, open_account
from .token_bodies import GROUPS, body, listing, make, policy


def test_a_token_is_made_and_opens_the_door(account):
    """Its value is in the answer that makes it and nowhere else."""
    token = make(account, "write")
    assert re.fullmatch(r"sosie_[0-9A-Za-z_-]{34,74}", token["value"])
    assert listing(account, token["value"]).status_code == 200
    shown = account.client.get(f"{account.tokens}/{token['id']}", headers=account.manager())
    assert token["value"] not in shown.text
    assert "value" not in shown.json()["result"]
    assert token["value"] not in account.client.get(account.tokens, headers=account.manager()).text


def test_it_looks_as_clients_know_it(account):
    """The shape of the service: policies with ids and names, times to the second, what is unset left out."""
    condition = {"request_ip": {"in": ["127.0.0.0/8"], "not_in": ["127.0.0.9/32"]}}
    token = make(account, "read", "write", condition=condition, expires_on="2030-01-01T02:00:00+02:00")
    (shown,) = token["policies"]
    assert re.fullmatch(r"[0-9a-f]{32}", token["id"])
    assert re.fullmatch(r"[0-9a-f]{32}", shown["id"])
    assert shown["effect"] == "allow"
    assert shown["permission_groups"] == [
        {"id": GROUPS["read"].id, "name": "Cloud Email Security: Read"},
        {"id": GROUPS["write"].id, "name": "Cloud Email Security: Write"},
    ]
    assert shown["resources"] == {f"com.cloudflare.api.account.{account.tenant.account_id}": "*"}
    assert token["condition"] == condition
    assert token["expires_on"] == "2030-01-01T00:00:00Z"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", token["issued_on"])
    assert token["status"] == "active"
    assert not {"not_before", "last_used_on"} & set(token)


def test_policies_come_back_in_the_order_given(account):
    """Terraform compares them so."""
    policies = [policy(account, "write"), policy(account, "tokens read"), policy(account, "read", effect="deny")]
    token = make(account, policies=policies)
    assert [one["effect"] for one in token["policies"]] == ["allow", "allow", "deny"]
    assert [one["permission_groups"][0]["id"] for one in token["policies"]] == [
        GROUPS[name].id for name in ("write", "tokens read", "read")
    ]


def test_they_are_listed_in_pages_by_age(account):
    """The three that this account began with, then those that were made; expired ones only where asked for."""
    for number in range(4):
        make(account, name=f"n{number}")
    make(account, name="old", expires_on="2020-01-01T00:00:00Z")

    def listed(**parameters):
        answer = account.client.get(account.tokens, headers=account.manager(), params=parameters)
        assert answer.status_code == 200
        return answer.json()

    assert [token["name"] for token in listed()["result"]] == ["t", "t", "t", "n0", "n1", "n2", "n3"]
    assert [token["name"] for token in listed(direction="desc", per_page=5)["result"]] == ["n3", "n2", "n1", "n0", "t"]
    assert [token["name"] for token in listed(page=2, per_page=5)["result"]] == ["n2", "n3"]
    assert listed(include_expired="true")["result"][-1]["status"] == "expired"
    assert listed(page=9)["result"] == []
    assert listed()["result_info"] == {"count": 7, "page": 1, "per_page": 20, "total_count": 8, "total_pages": 1}


def test_a_replacement_replaces_everything_but_the_value(account):
    """PUT is whole: what the body does not name is unset."""
    token = make(
        account, "write", condition={"request_ip": {"in": ["127.0.0.1/32"]}}, expires_on="2030-01-01T00:00:00Z"
    )
    path = f"{account.tokens}/{token['id']}"
    after = account.client.put(path, json=body(account, "read", name="renamed"), headers=account.manager()).json()[
        "result"
    ]
    assert after["name"] == "renamed"
    assert not {"condition", "expires_on", "value"} & set(after)
    assert after == account.client.get(path, headers=account.manager()).json()["result"]
    assert listing(account, token["value"]).status_code == 200
    refused = account.client.post(account.path, json={}, headers=bearer(token["value"]))
    assert (refused.status_code, errors(refused)) == (403, [(10000, None)])


def test_a_rolled_token_has_another_value(account):
    """The old value opens nothing from that moment on; id and permissions stay."""
    token = make(account, "write")
    path = f"{account.tokens}/{token['id']}"
    rolled = account.client.put(f"{path}/value", json={}, headers=account.manager()).json()["result"]
    assert isinstance(rolled, str)
    assert rolled != token["value"]
    assert listing(account, token["value"]).status_code == 403
    assert listing(account, rolled).status_code == 200
    assert account.client.get(path, headers=account.manager()).json()["result"]["policies"] == token["policies"]


def test_a_deleted_token_is_gone_at_once(account):
    """`{"id": …}`, then 404, and its value opens nothing."""
    token = make(account)
    assert listing(account, token["value"]).status_code == 200
    path = f"{account.tokens}/{token['id']}"
    assert account.client.delete(path, headers=account.manager()).json()["result"] == {"id": token["id"]}
    assert listing(account, token["value"]).status_code == 403
    for method in ("GET", "DELETE"):
        gone = account.client.request(method, path, headers=account.manager())
        assert (gone.status_code, errors(gone)) == (404, [(1003, None)])
    put = account.client.put(path, json=body(account), headers=account.manager())
    assert (put.status_code, errors(put)) == (404, [(1003, None)])
    assert account.client.put(f"{path}/value", headers=account.manager()).status_code == 404


def test_permission_groups_are_listed(account):
    """With names as documented; by name and scope, also where the scope is encoded twice, as old tools do."""
    path = f"{account.tokens}/permission_groups"

    def names(**parameters):
        answer = account.client.get(path, headers=account.manager(), params=parameters).json()
        return [group["name"] for group in answer["result"]]

    assert names() == [
        "Cloud Email Security: Read", "Cloud Email Security: Write", "Account API Tokens Read",
        "Account API Tokens Write",
    ]  # fmt: skip
    assert names(name="Cloud Email Security: Write") == ["Cloud Email Security: Write"]
    assert names(name="Cloud%20Email%20Security%3A%20Read") == ["Cloud Email Security: Read"]
    assert len(names(scope="com.cloudflare.api.account")) == 4
    assert len(names(scope="com%2Ecloudflare.api.account")) == 4
    assert names(scope="com.cloudflare.api.account.zone") == []
    group = account.client.get(path, headers=account.manager()).json()["result"][0]
    assert group["scopes"] == ["com.cloudflare.api.account"]
    assert re.fullmatch(r"[0-9a-f]{32}", group["id"])


@pytest.mark.parametrize("path", ["/user/tokens/verify", "{tokens}/verify"])
def test_a_token_is_verified(account, path):
    """The answer of the service, word for word; no permission is needed."""
    value = account.tenant.read_token
    answer = account.client.get(path.format(tokens=account.tokens), headers=bearer(value))
    document = answer.json()
    assert answer.status_code == 200
    assert document["messages"] == [{"code": 10000, "message": "This API Token is valid and active", "type": None}]
    assert document["result"]["status"] == "active"
    assert sorted(document["result"]) == ["id", "status"]


def test_verifying_needs_a_token(account, served):
    """An address with its key is no token; another account's token is none of this account; half a word is none."""
    pair = {"X-Auth-Email": account.tenant.email, "X-Auth-Key": account.tenant.api_key}
    del account.client.headers["authorization"]
    answer = account.client.get("/user/tokens/verify", headers=pair)
    assert (answer.status_code, errors(answer)) == (400, [(1001, "/header/Authorization")])
    assert answer.json()["errors"][0]["message"] == 'Missing "Authorization" header'
    assert errors(account.client.get("/user/tokens/verify")) == [(9106, None)]
    assert errors(account.client.get("/user/tokens/verify", headers={"Authorization": "x"})) == [(6003, None)]
    with open_account(served) as other:
        foreign = account.client.get(f"{account.tokens}/verify", headers=bearer(other.tenant.write_token))
        unknown = account.client.get(f"{account.tokens}/verify", headers=bearer("sosie_" + "0" * 44))
        assert (foreign.status_code, foreign.content) == (unknown.status_code, unknown.content)
        assert (foreign.status_code, errors(foreign)) == (401, [(1000, None)])


def test_every_change_is_in_the_audit_without_the_value(account, served):
    """Who made, edited, rolled and deleted a token, and nothing that opens a door."""
    from sosie.store import accounts, audit

    token = make(account)
    path = f"{account.tokens}/{token['id']}"
    account.client.put(path, json=body(account, name="other"), headers=account.manager())
    rolled = account.client.put(f"{path}/value", headers=account.manager()).json()["result"]
    account.client.delete(path, headers=account.manager())

    async def read(database):
        number = (await accounts.look_up(database.reader, account.tenant.account_id)).no
        return await audit.read(database.reader, number, most=4)

    records = served.storage.run(read)
    assert [record.action for record in records] == ["token.delete", "token.roll", "token.edit", "token.create"]
    assert all(record.actor.startswith("token:") and record.subject == token["id"] for record in records)
    assert not any(value in repr(records) for value in (token["value"], rolled))
