"""What is wrong with the body of a token is named, all of it, with pointers into it."""

from __future__ import annotations

import pytest

from .account import pointers
from .conftest import open_account
from .token_bodies import GROUPS, body, make, policy

GOOD = {"id": GROUPS["read"].id}


def _refused(account, document):
    answer = account.client.post(account.tokens, json=document, headers=account.manager())
    return pointers(answer)


WRONG = {
    "name": [None, "", " ", 7, "x" * 121],
    "status": ["off", 1, None],
    "not_before": ["soon", 7, "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00"],
    "expires_on": ["never", True, "9999-12-31T23:59:59-14:00", "2026-01-01 ", "2" * 40, "2" * 4000],
    "policies": [None, [], {}, "all", [{}] * 21],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in WRONG.items() for value in values],
                         ids=lambda value: repr(value)[:24])  # fmt: skip
def test_a_wrong_field_is_named(account, field, value):
    """Code 1001 and the field's pointer."""
    assert _refused(account, body(account) | {field: value}) == [f"/{field}"]


POLICIES = {
    "no object": (7, ["/policies/0"]),
    "an effect that is none": ({"effect": "maybe"}, ["/policies/0/effect"]),
    "no groups": ({"permission_groups": []}, ["/policies/0/permission_groups"]),
    "too many groups": ({"permission_groups": [GOOD] * 51}, ["/policies/0/permission_groups"]),
    "an unknown group": (
        {"permission_groups": [GOOD, {"id": "0" * 32}, {"name": "x"}, "x", {"id": []}]},
        [f"/policies/0/permission_groups/{place}/id" for place in (1, 2, 3, 4)],
    ),
    "no resources": ({"resources": {}}, ["/policies/0/resources"]),
    "resources that are no object": ({"resources": "*"}, ["/policies/0/resources"]),
    "a zone": ({"resources": {"com.cloudflare.api.account.zone.x/y": "*"}},
               ["/policies/0/resources/com.cloudflare.api.account.zone.x~1y"]),
}  # fmt: skip


@pytest.mark.parametrize("name", POLICIES)
def test_a_wrong_policy_is_named(account, name):
    """With the way to it."""
    wrong, expected = POLICIES[name]
    one = policy(account, "read") | wrong if isinstance(wrong, dict) else wrong
    assert _refused(account, body(account, policies=[one])) == expected


CONDITIONS = {
    "no object": (7, "/condition"),
    "no object within": ({"request_ip": 7}, "/condition/request_ip"),
    "no list": ({"request_ip": {"in": "127.0.0.1"}}, "/condition/request_ip/in"),
    "too long a list": ({"request_ip": {"in": ["127.0.0.1"] * 101}}, "/condition/request_ip/in"),
    "no network": ({"request_ip": {"not_in": ["127.0.0.1", "here"]}}, "/condition/request_ip/not_in/1"),
    "a number": ({"request_ip": {"not_in": [7]}}, "/condition/request_ip/not_in/0"),
    "a name in an address": ({"request_ip": {"in": ["fe80::1%" + "x" * 99]}}, "/condition/request_ip/in/0"),
    "the older name": ({"request.ip": {"in": ["x"]}}, "/condition/request.ip/in/0"),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_wrong_condition_is_named(account, name):
    """With the way to it."""
    condition, pointer = CONDITIONS[name]
    assert _refused(account, body(account, condition=condition)) == [pointer]


def test_everything_is_named_at_once(account):
    """From the name to the last network."""
    wrong = {
        "name": "", "expires_on": "x", "policies": [{"effect": 1, "permission_groups": 1, "resources": 1}],
        "condition": {"request_ip": {"in": ["x"], "not_in": [1]}},
    }  # fmt: skip
    assert _refused(account, wrong) == [
        "/name", "/policies/0/effect", "/policies/0/permission_groups", "/policies/0/resources",
        "/condition/request_ip/in/0", "/condition/request_ip/not_in/0", "/expires_on",
    ]  # fmt: skip


def test_it_must_end_after_it_begins(account):
    """A token that is never valid is a mistake."""
    times = {"not_before": "2027-01-01T00:00:00Z", "expires_on": "2026-01-01T00:00:00Z"}
    assert _refused(account, body(account, **times)) == ["/expires_on"]


def test_a_token_reaches_no_other_account(account, served):
    """A policy may name the account itself or all of them, which for its tokens is the account itself."""
    with open_account(served) as other:
        foreign = f"com.cloudflare.api.account.{other.tenant.account_id}"
        assert _refused(account, body(account, policies=[policy(account, "write", resource=foreign)])) == [
            f"/policies/0/resources/{foreign}"
        ]
        every = make(account, policies=[policy(account, "write", resource="com.cloudflare.api.account.*")])
        headers = {"Authorization": f"Bearer {every['value']}"}
        assert account.client.get(account.path, headers=headers).status_code == 200
        assert account.client.get(other.path, headers=headers).status_code == 403
        assert [one["id"] for one in account.client.get("/accounts", headers=headers).json()["result"]] == [
            account.tenant.account_id
        ]


def test_a_replacement_obeys_the_same_rules(account):
    """PUT names what is wrong, and the token stays as it was."""
    token = make(account)
    answer = account.client.put(f"{account.tokens}/{token['id']}", json={"name": ""}, headers=account.manager())
    assert pointers(answer) == ["/name", "/policies"]
    for document in ([], "x", None):
        answer = account.client.put(f"{account.tokens}/{token['id']}", json=document, headers=account.manager())
        assert answer.status_code == 400
