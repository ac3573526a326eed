"""The rate limit: so many requests per window and credential, told in headers, and refused with 429."""

from __future__ import annotations

import re
import time

from .account import errors
from .conftest import bearer, client_of, open_account
from .token_bodies import make

LIMIT = {"SOSIE_RATE_LIMIT_REQUESTS": "20", "SOSIE_RATE_LIMIT_SECONDS": "3600"}


def _left(answer):
    found = re.fullmatch(r'"default";r=(\d+);t=(\d+)', answer.headers["ratelimit"])
    return int(found[1]), int(found[2])


def test_headers_tell_what_is_left(start):
    """Ratelimit and Ratelimit-Policy on every answer to a known caller, also where it is an error."""
    with open_account(start(**LIMIT)) as account:
        for used, path in enumerate((account.path, f"{account.path}/x", "/accounts", account.tokens), 1):
            answer = account.client.get(path)
            assert answer.headers["ratelimit-policy"] == '"default";q=20;w=3600'
            left, seconds = _left(answer)
            assert left == 20 - used
            assert 0 < seconds <= 3600


def test_one_too_many_is_429(start):
    """With Retry-After, the words of the service, and the envelope; for every method and path of that caller."""
    with open_account(start(**LIMIT)) as account:
        for _ in range(20):
            assert account.client.get(account.path).status_code == 200
        for answer in (
            account.client.get(account.path),
            account.client.post(account.path),
            account.client.get("/user"),
        ):
            assert (answer.status_code, errors(answer)) == (429, [(10429, None)])
            assert answer.json()["errors"][0]["message"] == (
                "More than 20 requests per 3600 seconds reached. Please wait and consider throttling your request speed"
            )
            assert 0 < int(answer.headers["retry-after"]) <= 3600
            assert _left(answer) == (0, int(answer.headers["retry-after"]))
            assert answer.headers["ratelimit-policy"] == '"default";q=20;w=3600'


def test_it_counts_by_credential(start):
    """One caller's excess is no other's: not another token's of the account, not the user's."""
    with open_account(start(**LIMIT)) as account:
        for _ in range(21):
            account.client.get(account.path)
        assert account.client.get(account.path).status_code == 429
        assert account.client.get(account.path, headers=bearer(account.tenant.read_token)).status_code == 200
        del account.client.headers["authorization"]
        pair = {"X-Auth-Email": account.tenant.email, "X-Auth-Key": account.tenant.api_key}
        assert account.client.get(account.path, headers=pair).status_code == 200


def test_the_window_ends(start):
    """After Retry-After the caller is let in again."""
    server = start(SOSIE_RATE_LIMIT_REQUESTS="3", SOSIE_RATE_LIMIT_SECONDS="2")
    with open_account(server) as account:
        for _ in range(4):
            answer = account.client.get(account.path)
        assert answer.status_code == 429
        time.sleep(int(answer.headers["retry-after"]))
        assert account.client.get(account.path).status_code == 200


def test_guesses_are_counted_by_address(start):
    """A stranger has as many tries as a caller has requests; then even the answer to a guess is 429."""
    server = start(**LIMIT)
    with open_account(server) as account, client_of(server.url) as stranger:
        statuses = [
            stranger.get(account.path, headers=bearer(f"sosie_{number:044}")).status_code for number in range(20)
        ]
        assert set(statuses) == {403}
        pair = {"X-Auth-Email": account.tenant.email, "X-Auth-Key": "0" * 40}
        for answer in (
            stranger.get(account.path, headers=bearer("x")),
            stranger.get("/user", headers=pair),
            stranger.get("/user/tokens/verify", headers=bearer("x")),
        ):
            assert (answer.status_code, errors(answer)) == (429, [(10429, None)])
        assert account.client.get(account.path).status_code == 200  # whoever has a credential is not shut out


def test_workers_count_together(start):
    """Three processes, one count; at most a few more get through where two count in the same instant."""
    server = start("sqlite", "--workers", "3", **LIMIT)
    with open_account(server) as account:
        clients = [client_of(server.url, headers=bearer(account.tenant.write_token)) for _ in range(9)]
        statuses = [client.get(account.path).status_code for _ in range(5) for client in clients]
        assert statuses.count(200) == 20
        assert statuses.count(429) == 25
        for client in clients:
            client.close()


def test_a_refused_request_does_nothing(start):
    """What is over the limit is not carried out."""
    with open_account(start(**LIMIT)) as account:
        entry = account.create()
        for _ in range(19):
            account.client.get(account.path)
        assert account.client.delete(f"{account.path}/{entry['id']}").status_code == 429
        headers = bearer(account.tenant.read_token)
        assert account.client.get(f"{account.path}/{entry['id']}", headers=headers).status_code == 200


def test_without_a_limit_there_are_no_headers(account):
    """0 means none."""
    token = make(account)
    answer = account.client.get(account.path, headers=bearer(token["value"]))
    assert not {"ratelimit", "ratelimit-policy"} & set(answer.headers)
