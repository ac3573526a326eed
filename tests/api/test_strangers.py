"""A stranger learns nothing: "not yours" and "not there" are one answer, byte for byte."""

from __future__ import annotations

import secrets
import statistics
import time

import httpx
import pytest

from .account import PLAIN
from .conftest import ANYBODY, bearer, client_of, open_account
from .token_bodies import body, make

HEX = "0123456789abcdef" * 2


@pytest.fixture
def other(served):
    with open_account(served) as opened:
        yield opened


def _same(mine: httpx.Response, theirs: httpx.Response) -> None:
    volatile = {"date", "x-request-id"}
    assert mine.status_code == theirs.status_code
    assert mine.content == theirs.content
    shown = [{k: v for k, v in one.headers.items() if k not in volatile} for one in (mine, theirs)]
    assert shown[0] == shown[1]


SUFFIXES = ["", "/email-security/settings/impersonation_registry", "/tokens", "/tokens/permission_groups",
            "/tokens/verify", "/tokens/" + HEX,
            "/email-security/settings/impersonation_registry/f174e90a-fafe-4643-bbbc-4a0ed4fc8415"]  # fmt: skip


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("credential", ["write", "read", "manage", "pair", "unknown", "none"])
def test_an_account_that_is_not_yours_is_one_that_is_not_there(account, other, suffix, credential):
    """Whoever asks, and whatever for."""
    headers = {
        "write": bearer(account.tenant.write_token),
        "read": bearer(account.tenant.read_token),
        "manage": bearer(account.tenant.manage_token),
        "pair": {"X-Auth-Email": account.tenant.email, "X-Auth-Key": account.tenant.api_key},
        "unknown": bearer("sosie_" + "0" * 44),
        "none": {},
    }[credential]
    other.create()
    with client_of(account.client.base_url, headers=headers) as client:
        for method in ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"):
            theirs = client.request(method, f"/accounts/{other.tenant.account_id}{suffix}", json=PLAIN)
            nobodys = client.request(method, f"/accounts/{secrets.token_hex(16)}{suffix}", json=PLAIN)
            _same(theirs, nobodys)
            assert theirs.status_code in (400, 401, 403, 405)
    assert len(other.names()) == 1


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_entry_that_is_not_yours_is_one_that_is_not_there(account, other, method):
    """Under one's own account, with the id of somebody else's entry."""
    entry = other.create()
    theirs = account.client.request(method, f"{account.path}/{entry['id']}", json={"name": "mine"})
    nobodys = account.client.request(
        method, f"{account.path}/f174e90a-fafe-4643-bbbc-4a0ed4fc8415", json={"name": "mine"}
    )
    _same(theirs, nobodys)
    assert theirs.status_code == 404
    assert other.get(entry["id"]).json()["result"] == entry


@pytest.mark.parametrize(("method", "suffix"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("PUT", "/value")])
def test_a_token_that_is_not_yours_is_one_that_is_not_there(account, other, method, suffix):
    """The manager of one account does not manage another's tokens, though it knows their ids."""
    token = make(other)
    answers = [
        account.client.request(
            method, f"{account.tokens}/{identifier}{suffix}", json=body(account), headers=account.manager()
        )
        for identifier in (token["id"], secrets.token_hex(16))
    ]
    _same(*answers)
    assert answers[0].status_code == 404
    assert other.client.get(other.path, headers=bearer(token["value"])).status_code == 200


def test_an_unknown_address_is_answered_like_a_wrong_key(account):
    """Nobody finds out who has a key here."""

    def ask(email, key):
        return ANYBODY.get(f"{account.client.base_url}/user", headers={"X-Auth-Email": email, "X-Auth-Key": key})

    wrong_key = ask(account.tenant.email, "0" * 40)
    _same(wrong_key, ask("nobody@example.com", account.tenant.api_key))
    assert wrong_key.status_code == 403


def test_lists_counts_and_searches_show_ones_own(account, other):
    """Nothing of another account in any number or order."""
    for name in ("a", "b", "c"):
        other.create(name=name, comments="secret word")
    account.create(name="mine")
    for parameters in ({}, {"order": "name"}, {"order": "email", "direction": "desc"}, {"provenance": "A1S_INTERNAL"}):
        document = account.list(**parameters)
        assert [entry["name"] for entry in document["result"]] == ["mine"]
        assert document["result_info"]["total_count"] == 1
    for word in ("secret word", "se"):
        assert account.list(search=word)["result"] == []


def test_time_tells_nothing(account, other):
    """What is not yours takes as long as what is not there, as far as that can be measured on a busy machine.

    A credential that is wrong is looked up by its hash, so its time says nothing of how much of it was right.
    """
    entry = other.create()["id"]
    mine = account.tenant.write_token
    near = mine[:-1] + ("A" if mine[-1] != "A" else "B")
    pairs = {
        "account": [(f"/accounts/{other.tenant.account_id}", mine), (f"/accounts/{HEX}", mine)],
        "entry": [(f"{account.path}/{entry}", mine), (f"{account.path}/f174e90a-fafe-4643-bbbc-4a0ed4fc8415", mine)],
        "token": [(account.path, near), (account.path, "sosie_" + "0" * 44)],
    }
    with client_of(account.client.base_url) as client:
        for name, (first, second) in pairs.items():
            taken: dict[tuple[str, str], list[float]] = {first: [], second: []}
            for turn in range(120):
                for one in (first, second) if turn % 2 else (second, first):
                    began = time.perf_counter()
                    client.get(one[0], headers=bearer(one[1]))
                    taken[one].append(time.perf_counter() - began)
            quick = [statistics.quantiles(times)[0] for times in taken.values()]
            assert abs(quick[0] - quick[1]) < 0.0002 + 0.1 * min(quick), (name, quick)
