"""Whatever bytes come in, the answer is an envelope and never a 5xx."""

from __future__ import annotations

import random

import httpx
import pytest

from .account import PLAIN
from .conftest import ANYBODY, bearer

BODIES = [
    b"\0", b"\xff\xfe", b"{", b"}", b"[", b'"', b"{}{}", b"nul", b"NaN", b"Infinity", b"-", b"1e999", b"-1e999",
    b"9" * 5000, b"0." + b"1" * 5000, b"[" * 100_000, b'{"a":' * 50_000, b"[" * 1023 + b"]" * 1023,
    b'{"name":"\\ud800","email":"a@example.com","is_email_regex":false}',
    b'{"name":"\\udfff\\ud800","email":"a@example.com","is_email_regex":false}',
    b'{"name":"\xed\xa0\x80","email":"a@example.com","is_email_regex":false}',
    b'{"name":"\xff","email":"a@example.com","is_email_regex":false}',
    b'{"name":"a\\u0000b","email":"a@example.com","is_email_regex":false}',
    b'{"name":"x","email":"a\\u0000@example.com","is_email_regex":false}',
    b'{"name":"x","email":"a\\u0000","is_email_regex":true}',
    b'{"\\u0000":1}', b'{"":""}', b'{"__class__":"x","constructor":{},"__proto__":{"admin":true}}',
    b'{"name":"x","email":"a@example.com","is_email_regex":false,"directory_id":1e400}',
    b'{"name":"x","email":"a@example.com","is_email_regex":false,"directory_id":' + b"9" * 400 + b"}",
    b'{"name":"x","email":"a@example.com","is_email_regex":false,"directory_id":-' + b"9" * 400 + b"}",
    b'{"name":"x","email":"a@example.com","is_email_regex":false,"directory_id":1.7976931348623157e308}',
    b'{"name":"x","email":"' + b"@" * 8000 + b'","is_email_regex":false}',
    b'{"name":"x","email":"' + b"," * 8000 + b'","is_email_regex":false}',
    b'{"name":"x","email":"' + b'\\"' * 4000 + b'","is_email_regex":false}',
    b'{"name":"x","email":"' + b"(" * 8000 + b'","is_email_regex":true}',
    b'{"name":"x","email":"' + b"(a*)*" * 1600 + b'","is_email_regex":true}',
    b'{"name":"x","email":"((((a{1,999}){1,999}){1,999}){1,999}){1,999}","is_email_regex":true}',
    b'{"name":"x","email":"' + b"[^a]{1000}" * 800 + b'","is_email_regex":true}',
    b'{"name":"x","email":"' + b"\\\\p{L}" * 1500 + b'","is_email_regex":true}',
]  # fmt: skip


def _answered(answer: httpx.Response) -> None:
    assert answer.status_code < 500, answer.text
    assert isinstance(answer.json()["errors"], list)
    assert answer.elapsed.total_seconds() < 2


@pytest.mark.parametrize("body", BODIES, ids=lambda body: repr(body[:30]))
def test_a_strange_body_is_answered(account, body):
    """A create and an edit: refused or taken, and in either case quickly."""
    entry = account.create()
    _answered(account.client.post(account.path, content=body))
    _answered(account.client.patch(f"{account.path}/{entry['id']}", content=body))
    _answered(account.client.post(account.tokens, content=body, headers=account.manager()))
    assert account.client.get(account.path).status_code == 200


TEXTS = [
    "\x01\x02", "\x7f\x80\x9f", "\u200b\u202e\ufeff", "\ufffe\uffff", "\U0010ffff", "e\u0301" * 100, "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤",
    "'; DROP TABLE entries; --", "$1 $2 ?1 %s {0} {name}", "\\x00", "\r\n\r\nHTTP/1.1 200 OK", "ﷺ" * 100,
    "\u0130\u0131", "<script>alert(1)</script>", "a" * 1000, "𝕁𝕒𝕟𝕖", "ß" * 500,
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_strange_text_comes_back_as_it_went_in(account, text):
    """In every field that takes text, and it can be found by searching for it."""
    entry = account.create(name=f"x{text}x", comments=text, external_directory_node_id=text)
    shown = account.get(entry["id"]).json()["result"]
    assert (shown["name"], shown["comments"], shown["external_directory_node_id"]) == (f"x{text}x", text, text)
    if text.strip():
        assert account.names(search=text[:100]) == [f"x{text}x"]


QUERIES = [
    "%00", "search=%00", "search=a%00b", "search=%ff%fe", "search=%ed%a0%80", "search=%", "search=%zz", "&&&&", "=",
    "page=%00", "page=NaN", "page=1e9", "page=0x10", "page=1_0", "per_page=9999999999999999999999", "order=%00",
    "order[]=name", "search=" + "%25" * 250, "search=" + "%22" * 250, "search=" + "%27" * 250, "search=" + "%5C" * 250,
    "search=" + "%5F" * 250, "search=" + "a%25" * 120, "search=%F0%9F%98%80", "search=a;b", "search=%00&page=x",
    "provenance=A1S_INTERNAL%00", 'search="%20OR%20"', "search=*", "search=^a", "search=a%20NEAR/2%20b", "search=-",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
def test_a_strange_query_is_answered(account, query):
    """200 or 400."""
    account.create()
    answer = account.client.get(f"{account.path}?{query}")
    assert answer.status_code in (200, 400)
    _answered(answer)


HEADERS = [
    {"Authorization": "Bearer " + "a" * 20_000},
    {"Authorization": b"Bearer \xff\xfe"},
    {"Authorization": b"Bearer \xc3\xa9"},
    {"X-Auth-Email": b"\xff@example.com", "X-Auth-Key": "k" * 40},
    {"X-Auth-Email": "a@example.com", "X-Auth-Key": b"\xff" * 40},
    {"X-Auth-Email": "@", "X-Auth-Key": "k"},
    {"X-Auth-Email": "a@" + "b" * 20_000, "X-Auth-Key": "k" * 20_000},
    {"Authorization": "bearer  x", "X-Auth-Key": "x"},
    {"X-Auth-User-Service-Key": "v1.0-x"},
    {"Cookie": "token=x"},
]


@pytest.mark.parametrize("headers", HEADERS, ids=lambda headers: repr(headers)[:40])
def test_strange_credentials_are_answered(account, headers):
    """400 or 403."""
    answer = ANYBODY.get(f"{account.client.base_url}{account.path}", headers=headers)
    assert answer.status_code in (400, 403)
    _answered(answer)


CREATE_HEADERS = [
    {"X-Stainless-Retry-Count": "x"}, {"X-Stainless-Retry-Count": b"\xff"}, {"Content-Length": "5"},
    {"Expect": "100-continue"}, {"Content-Encoding": "gzip"},
]  # fmt: skip


@pytest.mark.parametrize("headers", CREATE_HEADERS)
def test_strange_headers_of_a_create_are_answered(account, headers):
    """A create goes on or is refused; it does not break."""
    content = b"12345" if "Content-Length" in headers else None
    json = None if content else PLAIN
    _answered(account.client.post(account.path, json=json, content=content, headers=headers))


@pytest.mark.parametrize("host", ["evil.example", "localhost:1", "", "[::1", "a b"])
def test_the_host_header_changes_nothing(account, host):
    """Nothing is looked up by it and nothing of it comes back."""
    account.create()
    answer = account.client.get(account.path, headers={"Host": host})
    if answer.status_code == 200:
        assert "evil" not in answer.text + str(answer.headers)
    page = ANYBODY.get(f"{account.client.base_url}/docs", headers={"Host": "evil.example"})
    assert "evil" not in page.text


def test_random_bytes_are_answered(account):
    """Four hundred bodies and queries that a seeded chance made."""
    chance = random.Random(5051)
    pieces = [
        b'{"name":',
        b'"email"',
        b":",
        b",",
        b"null",
        b'"a@b.example"',
        b"\\u0000",
        b"true",
        b"{",
        b"}",
        b"[",
        b"\xf0",
    ]
    for _ in range(400):
        body = b"".join(chance.choice([*pieces, chance.randbytes(3)]) for _ in range(chance.randrange(12)))
        answer = account.client.post(account.path, content=body)
        assert answer.status_code in (201, 400)
    headers = bearer(account.tenant.write_token)
    assert account.client.get(account.path, headers=headers).status_code == 200
