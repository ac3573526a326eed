"""/accounts, /accounts/{id} and /user, in the shapes that clients know; and the older pair of headers."""

from __future__ import annotations

import re

import pytest

from .account import PLAIN, errors
from .conftest import bearer, client_of, open_account


def _pair(account, **change):
    return {"X-Auth-Email": account.tenant.email, "X-Auth-Key": account.tenant.api_key} | change


@pytest.fixture
def bare(account):
    """A client without credentials."""
    with client_of(account.client.base_url) as client:
        yield client


@pytest.mark.parametrize("who", ["token", "pair"])
def test_the_accounts_that_one_sees_are_listed(account, bare, who):
    """Those of the credential and no others."""
    headers = bearer(account.tenant.read_token) if who == "token" else _pair(account)
    document = bare.get("/accounts", headers=headers).json()
    (shown,) = document["result"]
    assert shown == {
        "created_on": shown["created_on"],
        "id": account.tenant.account_id,
        "name": account.tenant.email.partition("@")[0],
        "settings": {"abuse_contact_email": None, "enforce_twofactor": False},
        "type": "standard",
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", shown["created_on"])
    assert document["result_info"] == {"count": 1, "page": 1, "per_page": 20, "total_count": 1, "total_pages": 1}
    assert bare.get(f"/accounts/{shown['id']}", headers=headers).json()["result"] == shown


def test_they_are_found_by_name_and_paged(account, served, server_token, bare):
    """A token of the whole server sees them all, oldest first."""
    headers = bearer(server_token)
    with open_account(served) as younger:
        name = account.tenant.email.partition("@")[0]
        found = bare.get("/accounts", headers=headers, params={"name": name}).json()
        assert [one["id"] for one in found["result"]] == [account.tenant.account_id]
        assert bare.get("/accounts", headers=headers, params={"name": "nobody"}).json()["result"] == []
        newest = bare.get("/accounts", headers=headers, params={"direction": "desc", "per_page": 5}).json()["result"]
        assert [one["id"] for one in newest[:2]] == [younger.tenant.account_id, account.tenant.account_id]
        every = []
        for page in range(1, 1000):
            part = bare.get("/accounts", headers=headers, params={"page": page, "per_page": 50}).json()["result"]
            if not part:
                break
            every += [one["created_on"] for one in part]
        assert every == sorted(every)
        assert len(every) >= 4


@pytest.mark.parametrize(
    "query", [{"per_page": 4}, {"per_page": 51}, {"page": 0}, {"direction": "up"}, {"name": "x" * 101}]
)
def test_their_parameters_are_checked(account, query):
    """As everywhere."""
    (name,) = query
    assert errors(account.client.get("/accounts", params=query)) == [(1001, f"/query/{name}")]


def test_the_user_is_shown(account, bare):
    """Whose address and key were sent, with the accounts that it is a member of."""
    shown = bare.get("/user", headers=_pair(account)).json()["result"]
    assert shown["email"] == account.tenant.email
    assert re.fullmatch(r"[0-9a-f]{32}", shown["id"])
    assert [one["id"] for one in shown["organizations"]] == [account.tenant.account_id]
    assert shown["suspended"] is False
    assert account.tenant.api_key not in bare.get("/user", headers=_pair(account)).text


def test_a_token_has_no_user(account):
    """It belongs to an account."""
    answer = account.client.get("/user")
    assert (answer.status_code, errors(answer)) == (403, [(10000, None)])


def test_a_member_may_do_everything(account, bare):
    """Read, write and manage tokens of the account."""
    entry = bare.post(account.path, json=PLAIN, headers=_pair(account)).json()["result"]
    assert bare.get(f"{account.path}/{entry['id']}", headers=_pair(account)).status_code == 200
    assert bare.get(account.tokens, headers=_pair(account)).status_code == 200
    assert bare.delete(f"{account.path}/{entry['id']}", headers=_pair(account)).status_code == 200


def test_the_address_is_read_in_any_case(account, bare):
    """As people write addresses."""
    assert (
        bare.get("/user", headers=_pair(account, **{"X-Auth-Email": account.tenant.email.upper()})).status_code == 200
    )


def test_the_pair_wins_over_a_token(account, bare):
    """The official SDK leaves a token out where it has a key; whoever sends both is the user."""
    both = _pair(account) | bearer("sosie_" + "0" * 44)
    assert bare.get("/user", headers=both).status_code == 200
    half = {"X-Auth-Email": account.tenant.email} | bearer(account.tenant.write_token)
    assert bare.get(account.path, headers=half).status_code == 200


def test_a_wrong_pair_is_no_credential_though_a_good_token_stands_beside_it(account, bare):
    """There is no second try with other credentials."""
    wrong = _pair(account, **{"X-Auth-Key": "0" * 37}) | bearer(account.tenant.write_token)
    answer = bare.get(account.path, headers=wrong)
    assert (answer.status_code, errors(answer)) == (403, [(9103, None)])


def test_a_key_is_no_token_and_a_token_no_key(account, bare):
    """Each opens the door that it was made for."""
    assert bare.get(account.path, headers=bearer(account.tenant.api_key)).status_code == 403
    swapped = _pair(account, **{"X-Auth-Key": account.tenant.write_token})
    assert errors(bare.get(account.path, headers=swapped)) == [(9103, None)]
