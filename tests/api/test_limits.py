"""Limits: what is just small enough is taken, one more is refused, and the answer says what the limit is."""

from __future__ import annotations

import pytest

from .account import PLAIN, errors, pointers

MIB = 1 << 20
ADDRESSES = ",".join(f"a{n}@example.com" for n in range(100))
LONGEST = ",".join(f"{'a' * 60}{n:02}@example.example.com" for n in range(100))[: 8192 - 12] + "@example.com"

AT = {
    "name": ("n" * 1024, "n" * 1025, "1024 characters"),
    "name in any script": ("張" * 1024, "張" * 1025, "1024 characters"),
    "comments": ("c" * 8192, "c" * 8193, "8192 bytes"),
    "comments in bytes": ("é" * 4096, "é" * 4096 + "c", "8192 bytes"),
    "external_directory_node_id": ("x" * 1024, "x" * 1025, "1024 characters"),
    "email": (ADDRESSES, ADDRESSES + ",b@example.com", "100 addresses"),
}


@pytest.mark.parametrize("name", AT)
def test_a_field_has_a_longest_length(account, name):
    """Exactly at the limit it is kept whole; past it the answer names field and limit."""
    field = name.split()[0]
    fits, too_long, words = AT[name]
    assert account.create(**{field: fits})[field] == fits
    answer = account.client.post(account.path, json=PLAIN | {field: too_long})
    assert pointers(answer) == [f"/{field}"]
    assert words in answer.json()["errors"][0]["message"]


def test_email_has_a_longest_length_in_bytes(account):
    """8,192 bytes, for literals and for patterns."""
    pattern = "(?:" + "|".join(f"p{n:04}@example[.]com" for n in range(370)) + ")"
    pattern += "x" * (8192 - len(pattern))
    assert account.create(email=pattern, is_email_regex=True)["email"] == pattern
    answer = account.client.post(account.path, json=PLAIN | {"email": pattern + "x", "is_email_regex": True})
    assert pointers(answer) == ["/email"]
    assert "8192 bytes" in answer.json()["errors"][0]["message"]


def test_an_entry_of_every_limit_at_once_is_kept_whole(account):
    """The largest entry there can be is listed, searched and ordered like any other."""
    largest = account.create(
        name="😀" * 1024, email=ADDRESSES, comments="c" * 8192, external_directory_node_id="é" * 1024,
        directory_id=2**63 - 1, directory_node_id=-(2**63),
    )  # fmt: skip
    assert account.get(largest["id"]).json()["result"] == largest
    for order in ("name", "email", "created_at"):
        assert account.list(order=order)["result"] == [largest]
    assert account.list(search="c" * 256)["result"] == [largest]


def _body(size):
    start, end = b'{"name":"', b'"}'
    return start + b"a" * (size - len(start) - len(end)) + end


def test_a_body_has_a_longest_length(account):
    """1 MiB is read (and found to be wrong for another reason), one byte more is 413 and closes the connection."""
    assert account.client.post(account.path, content=_body(MIB)).status_code == 400
    for size in (MIB + 1, 5 * MIB):
        answer = account.client.post(account.path, content=_body(size))
        assert (answer.status_code, errors(answer)) == (413, [(1013, None)])
        assert answer.headers["connection"] == "close"
        assert "1048576" in answer.json()["errors"][0]["message"]


def test_a_body_of_unknown_length_is_bounded_too(account):
    """Chunked, without a Content-Length that could be believed or not."""

    def chunks(size):
        whole = _body(size)
        for start in range(0, size, 50_000):
            yield whole[start : start + 50_000]

    assert account.client.post(account.path, content=chunks(MIB)).status_code == 400
    answer = account.client.post(account.path, content=chunks(3 * MIB))
    assert (answer.status_code, errors(answer)) == (413, [(1013, None)])
    assert account.create()["name"] == "Jane Roe"  # and the next request is answered


def test_a_list_has_a_greatest_depth(account):
    """A page may lie ten million entries deep; past that the answer says which page is the last."""
    assert account.list(page=500_001, per_page=20)["result"] == []
    answer = account.client.get(account.path, params={"page": 500_002, "per_page": 20})
    assert pointers(answer) == ["/query/page"]
    assert "at most 500001" in answer.json()["errors"][0]["message"]
    for page in (2**63, 2**64, 10**19, 10**200):
        assert pointers(account.client.get(account.path, params={"page": page})) == ["/query/page"]


@pytest.mark.parametrize("page", [2**31, 2**63, 2**64, 10**30, 10**400])
def test_every_list_has_a_last_page(account, page):
    """Also where lists are short: a number that no JSON reader could hold is refused, not echoed."""
    for path in ("/accounts", account.tokens, account.path):
        answer = account.client.get(path, params={"page": page}, headers=account.manager())
        assert pointers(answer) == ["/query/page"]
    assert account.client.get("/accounts", params={"page": 2**31 - 1}).json()["result"] == []


def test_a_query_has_a_greatest_number_of_parameters(account):
    """As many as a message has recipients, and some, are read; more are refused."""
    assert account.client.get(account.path, params=[("x", "1")] * 1100).status_code == 200
    assert pointers(account.client.get(account.path, params=[("x", "1")] * 1101)) == ["/query"]


def test_an_account_has_at_most_500_tokens(account, served):
    """As at the service; the answer says so, and a deleted one makes room."""
    from sosie.access.permissions import EMAIL_READ
    from sosie.registry.moments import now_us
    from sosie.store import accounts
    from sosie.store.audit import Deed
    from sosie.store.issue import Grant, issue_token

    async def fill(database):
        deed = Deed("test", "", now_us())

        async def work(session):
            whose = await accounts.look_up(session, account.tenant.account_id)
            for _ in range(497):
                await issue_token(session, served.storage.secret_key, Grant("t", (EMAIL_READ.id,), whose), deed)

        await database.write(work)

    served.storage.run(fill)
    listed = account.client.get(account.tokens, headers=account.manager(), params={"per_page": 50}).json()
    assert listed["result_info"]["total_count"] == 500
    resource = {f"com.cloudflare.api.account.{account.tenant.account_id}": "*"}
    policy = {"effect": "allow", "permission_groups": [{"id": EMAIL_READ.id}], "resources": resource}
    body = {"name": "one more", "policies": [policy]}
    answer = account.client.post(account.tokens, headers=account.manager(), json=body)
    assert answer.status_code == 400
    assert "500 tokens" in answer.json()["errors"][0]["message"]
    account.client.delete(f"{account.tokens}/{listed['result'][20]['id']}", headers=account.manager())
    assert account.client.post(account.tokens, headers=account.manager(), json=body).status_code == 200
