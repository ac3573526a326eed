"""When a token opens a door: its times, its status, its addresses, its policies."""

from __future__ import annotations

import time

import pytest

from .account import PLAIN, errors
from .conftest import bearer
from .token_bodies import body, listing, make, policy


def _refused(answer):
    return (answer.status_code, errors(answer)) == (403, [(10000, None)])


@pytest.mark.parametrize(
    ("times", "opens"),
    [
        ({"expires_on": "2020-01-01T00:00:00Z"}, False),
        ({"not_before": "2090-01-01T00:00:00Z"}, False),
        ({"not_before": "2020-01-01T00:00:00Z", "expires_on": "2090-01-01T00:00:00Z"}, True),
        ({"not_before": "2020-01-01T00:00:00Z", "expires_on": "2020-01-02T00:00:00Z"}, False),
        ({"not_before": None, "expires_on": None}, True),
        ({"status": "disabled"}, False),
        ({"status": "active"}, True),
    ],
    ids=repr,
)
def test_times_and_status(account, times, opens):
    """An expired, not yet valid or disabled token is an unknown one."""
    answer = listing(account, make(account, "read", **times)["value"])
    assert answer.status_code == 200 if opens else _refused(answer)


def test_a_token_expires_while_it_is_used(account):
    """Though it was known a moment ago."""
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 2))
    value = make(account, "read", expires_on=soon)["value"]
    assert listing(account, value).status_code == 200
    deadline = time.monotonic() + 5
    while not _refused(listing(account, value)):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_disabled_token_is_enabled_again(account):
    """Disabling is undone by a replacement that says active; one that says nothing leaves it."""
    token = make(account, "read")
    path = f"{account.tokens}/{token['id']}"
    for status, opens in (("disabled", False), (None, False), ("active", True)):
        document = body(account, "read") | ({"status": status} if status else {})
        assert account.client.put(path, json=document, headers=account.manager()).status_code == 200
        answer = listing(account, token["value"])
        assert answer.status_code == 200 if opens else _refused(answer)


@pytest.mark.parametrize(("status", "times"), [("disabled", {"status": "disabled"}),
                                               ("expired", {"expires_on": "2020-01-01T00:00:00Z"})])  # fmt: skip
def test_verify_tells_why(account, status, times):
    """Whoever holds a token may know what is the matter with it."""
    value = make(account, "read", **times)["value"]
    document = account.client.get("/user/tokens/verify", headers=bearer(value)).json()
    assert document["result"]["status"] == status
    assert document["messages"][0]["message"] == f"This API Token is {status}"


ADDRESSES = {
    "in": ({"in": ["127.0.0.0/8"]}, True),
    "in the address alone": ({"in": ["10.0.0.0/8", "127.0.0.1"]}, True),
    "not in": ({"in": ["10.0.0.0/8", "2001:db8::/32"]}, False),
    "excluded": ({"not_in": ["127.0.0.0/8"]}, False),
    "excluded from what is in": ({"in": ["127.0.0.0/8"], "not_in": ["127.0.0.1/32"]}, False),
    "not excluded": ({"not_in": ["10.0.0.0/8"]}, True),
    "not excluded from what is in": ({"in": ["127.0.0.0/8"], "not_in": ["127.0.0.2/32"]}, True),
    "no rule": ({"in": [], "not_in": []}, True),
}


@pytest.mark.parametrize("key", ["request_ip", "request.ip"])
@pytest.mark.parametrize("name", ADDRESSES)
def test_addresses(account, name, key):
    """The client's address is within one of `in`, where there are any, and in none of `not_in`."""
    rule, opens = ADDRESSES[name]
    token = make(account, "read", condition={key: rule})
    if token.get("condition"):
        assert list(token["condition"]) == ["request_ip"]
    for answer in (listing(account, token["value"]),
                   account.client.get("/user/tokens/verify", headers=bearer(token["value"]))):  # fmt: skip
        if opens:
            assert answer.status_code == 200
        else:
            assert (answer.status_code, errors(answer)) == (403, [(9109, None)])
            assert answer.json()["errors"][0]["message"] == "Cannot use the access token from location: 127.0.0.1"


def test_a_header_does_not_move_the_client(account):
    """X-Forwarded-For is nothing where no proxy is trusted."""
    value = make(account, "read", condition={"request_ip": {"in": ["10.0.0.0/8"]}})["value"]
    for header in ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Cf-Connecting-Ip", "True-Client-Ip"):
        assert listing(account, value, **{header: "10.0.0.1"}).status_code == 403


POLICIES = {
    "read reads": ([("read", "allow")], True, False),
    "write reads too": ([("write", "allow")], True, True),
    "what nothing allows is denied": ([("tokens write", "allow")], False, False),
    "deny wins": ([("write", "allow"), ("write", "deny")], False, False),
    "deny wins in any order": ([("write", "deny"), ("write", "allow")], False, False),
    "deny of one leaves the other": ([("write", "allow"), ("read", "allow"), ("write", "deny")], True, False),
    "a deny alone allows nothing": ([("read", "deny")], False, False),
}


@pytest.mark.parametrize("name", POLICIES)
def test_policies(account, name):
    """An explicit deny, then an explicit allow, then an implicit deny."""
    given, reads, writes = POLICIES[name]
    policies = [policy(account, group, effect=effect) for group, effect in given]
    value = make(account, policies=policies)["value"]
    entry = account.create()
    assert (listing(account, value).status_code == 200) is reads
    item = f"{account.path}/{entry['id']}"
    headers = bearer(value)
    tried = (
        account.client.post(account.path, json=PLAIN, headers=headers),
        account.client.patch(item, json={"name": "x"}, headers=headers),
        account.client.delete(item, headers=headers),
    )
    assert [answer.status_code for answer in tried] == ([201, 200, 200] if writes else [403] * 3)


def test_a_deny_for_every_account_is_a_deny_for_this_one(account):
    """Resources are compared by what they mean."""
    every = "com.cloudflare.api.account.*"
    value = make(account, policies=[policy(account, "write"), policy(account, "write", effect="deny", resource=every)])
    assert _refused(listing(account, value["value"]))


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_a_reading_token_writes_nothing(account, method):
    """Refused before the body is looked at; HEAD and method overrides are no way around it."""
    entry = account.create()
    path = account.path if method == "POST" else f"{account.path}/{entry['id']}"
    headers = bearer(account.tenant.read_token)
    assert _refused(account.client.request(method, path, content=b"no json", headers=headers))
    for header in ("X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"):
        account.client.get(path, headers=headers | {header: method})
        account.client.get(path, headers=headers, params={"_method": method})
    assert account.list()["result"] == [entry]


@pytest.mark.parametrize("group", ["read", "write", "tokens read"])
def test_only_a_manager_manages_tokens(account, group):
    """Permission on the registry is none on tokens; reading them is not making them."""
    value = make(account, group)["value"]
    token = make(account)
    item = f"{account.tokens}/{token['id']}"
    headers = bearer(value)
    reads = [account.client.get(path, headers=headers).status_code for path in
             (account.tokens, item, f"{account.tokens}/permission_groups")]  # fmt: skip
    assert reads == ([200] * 3 if group == "tokens read" else [403] * 3)
    writes = (
        account.client.post(account.tokens, json=body(account), headers=headers),
        account.client.put(item, json=body(account), headers=headers),
        account.client.put(f"{item}/value", headers=headers),
        account.client.delete(item, headers=headers),
    )
    assert all(_refused(answer) for answer in writes)
