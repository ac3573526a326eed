"""A create that is sent again because its answer was lost makes no second entry."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from .account import PLAIN, pointers
from .conftest import bearer

AGAIN = {"x-stainless-retry-count": "1"}


def _create(account, headers=None, **fields):
    answer = account.client.post(account.path, json=PLAIN | fields, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["result"]


def test_a_retry_of_an_official_client_gets_the_first_entry(account):
    """They count their tries in a header and send the same body; the answer is the first one's."""
    first = _create(account, {"x-stainless-retry-count": "0"})
    assert _create(account, AGAIN) == first
    assert _create(account, {"x-stainless-retry-count": "2"}) == first
    assert account.names() == ["Jane Roe"]


def test_a_retry_whose_first_try_never_came_creates(account):
    """The first request was lost on its way here."""
    _create(account, AGAIN)
    assert account.names() == ["Jane Roe"]


def test_a_retry_with_another_body_creates(account):
    """Another body is another entry, even where one null is all that differs."""
    _create(account)
    _create(account, AGAIN, comments="another")
    _create(account, AGAIN, provenance=None)
    assert len(account.names()) == 3


def test_another_caller_is_nobodys_retry(account):
    """What somebody else created is not what this caller's lost request created."""
    first = _create(account)
    second = _create(account, AGAIN | bearer(account.tenant.manage_token))
    assert first["id"] != second["id"]


def test_two_tries_at_once_create_one(account):
    """The client gave up waiting, while its first request was still under way."""
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: _create(account, {"Idempotency-Key": "at once"})["id"], range(24)))
    assert len(set(found)) == 1
    assert account.names() == ["Jane Roe"]


def test_a_retry_whose_first_try_is_still_under_way_waits_for_it(account, served):
    """The client's patience ended while the first request waited for the database; both then go on at once."""
    with ThreadPoolExecutor(3) as pool:

        def try_twice():
            first = pool.submit(_create, account)
            time.sleep(0.2)
            second = pool.submit(_create, account, AGAIN)
            time.sleep(0.2)
            return first, second

        async def hold_up(database):
            async def work(session):
                # The first has its turn and waits for the audit; on SQLite everything waits.
                locked = (
                    "LOCK TABLE audit IN EXCLUSIVE MODE" if served.storage.url else "DELETE FROM audit WHERE no = 0"
                )
                await session.execute(locked)
                return try_twice()

            return await database.write(work)

        pair = served.storage.run(hold_up)
        assert pair[0].result()["id"] == pair[1].result()["id"]
    assert account.names() == ["Jane Roe"]


def test_an_idempotency_key_names_one_creation(account):
    """With the same key and body the first entry is answered, for ever; without a key a second one is made."""
    first = _create(account, {"Idempotency-Key": "k1"})
    assert _create(account, {"Idempotency-Key": "k1"}) == first
    assert _create(account, {"Idempotency-Key": "k2"})["id"] != first["id"]
    assert _create(account)["id"] != first["id"]
    assert len(account.names()) == 3


def test_a_key_that_created_something_else_is_refused(account):
    """Else a client would take the first entry for the one that it asked for now."""
    first = _create(account, {"Idempotency-Key": "k"})
    answer = account.client.post(account.path, json=PLAIN | {"name": "John"}, headers={"Idempotency-Key": "k"})
    assert pointers(answer) == ["/header/Idempotency-Key"]
    assert first["id"] in answer.json()["errors"][0]["message"]
    assert account.names() == ["Jane Roe"]


def test_keys_belong_to_their_caller(account):
    """Another token's key of the same name is another key."""
    first = _create(account, {"Idempotency-Key": "k"})
    second = _create(account, {"Idempotency-Key": "k"} | bearer(account.tenant.manage_token))
    assert first["id"] != second["id"]


@pytest.mark.parametrize("key", ["", "x" * 256, b"\xff"])
def test_a_key_that_cannot_be_kept_is_refused(account, key):
    """1 to 255 ASCII characters."""
    answer = account.client.post(account.path, json=PLAIN, headers={"Idempotency-Key": key})
    assert pointers(answer) == ["/header/Idempotency-Key"]
    assert account.names() == []


def test_a_key_is_no_hindrance_where_it_means_nothing(account):
    """Edits and deletions may carry one, the same one, as often as a client likes: repeating them does no harm."""
    key = {"Idempotency-Key": "the same for everything"}
    entry = _create(account, key)
    item = f"{account.path}/{entry['id']}"
    for name in ("a", "b", "b"):
        assert account.client.patch(item, json={"name": name}, headers=key).json()["result"]["name"] == name
    assert account.client.delete(item, headers=key).status_code == 200
    assert account.client.delete(item, headers=key).status_code == 404
    other = account.client.post(account.path, json=PLAIN, headers={"Idempotency-Key": "fresh"})
    assert other.status_code == 201
