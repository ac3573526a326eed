"""Methods and paths: HEAD, OPTIONS, 404 and 405, doubled slashes, with and without the prefix."""

from __future__ import annotations

import pytest

from .account import PLAIN, errors
from .conftest import ANYBODY


def test_head_is_get_without_its_body(account):
    """The same status and headers, the length of GET's body, and nothing after them."""
    entry = account.create()
    for path in (account.path, f"{account.path}/{entry['id']}", "/accounts", "/docs", "/openapi.json"):
        got, head = account.client.get(path), account.client.head(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == str(len(got.content))
        assert head.headers["content-type"] == got.headers["content-type"]
    assert account.client.head(f"{account.path}/{'0' * 36}").status_code == 404


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("{path}", "GET, HEAD, OPTIONS, POST"),
        ("{path}/{id}", "DELETE, GET, HEAD, OPTIONS, PATCH"),
        ("{tokens}/{id}", "DELETE, GET, HEAD, OPTIONS, PUT"),
        ("/accounts", "GET, HEAD, OPTIONS"),
    ],
)
def test_options_tells_what_is_allowed(account, path, allowed):
    """Without credentials, as a browser or a proxy asks; nothing is done."""
    target = path.format(path=account.path, tokens=account.tokens, id="0" * 32)
    answer = ANYBODY.options(f"{account.client.base_url}{target}")
    assert (answer.status_code, answer.content, answer.headers["allow"]) == (204, b"", allowed)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "QUERY"])
def test_a_method_that_is_not_there_is_405_before_anything_is_read(account, method):
    """An envelope with Allow, whatever the credentials and the body are."""
    for headers, content in (({}, b""), ({"Authorization": "Bearer x"}, b"no json")):
        answer = ANYBODY.request(method, f"{account.client.base_url}{account.path}", headers=headers, content=content)
        assert (answer.status_code, errors(answer)) == (405, [(10405, None)])
        assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"
    assert account.names() == []


@pytest.mark.parametrize(
    "path",
    ["/zones", "/client", "/accounts/x/y", "/%2e%2e/etc/passwd", "/client/v4/client/v4/accounts", "/client/v4accounts",
     "/user/tokens", "/favicon.ico", "/" + "x" * 5000, "/%00", "/metrics", "/readyz", "/accounts/../metrics"],
)  # fmt: skip
def test_a_path_that_is_not_there_is_404(served, path):
    """An envelope that says what was asked for, cut short."""
    answer = ANYBODY.get(f"{served.origin}{path}")
    assert (answer.status_code, errors(answer)) == (404, [(7003, None)])
    assert len(answer.content) < 500


def test_the_prefix_may_be_left_out(account, served):
    """The official suites use a bare address."""
    headers = {"Authorization": f"Bearer {account.tenant.write_token}"}
    entry = ANYBODY.post(f"{served.origin}{account.path}", json=PLAIN, headers=headers).json()["result"]
    assert ANYBODY.get(f"{served.url}{account.path}/{entry['id']}", headers=headers).json()["result"] == entry


@pytest.mark.parametrize("shape", ["//{}", "{}/", "{}//", "/client/v4/{}", "//client//v4//{}"])
def test_doubled_and_trailing_slashes_are_tolerated(account, served, shape):
    """Clients join addresses in their own ways."""
    headers = {"Authorization": f"Bearer {account.tenant.write_token}"}
    target = served.origin + shape.format(account.path.replace("/email-security/", "//email-security/"))
    assert ANYBODY.get(target, headers=headers).status_code == 200


def test_an_entry_id_is_read_in_any_case(account):
    """A UUID is the same in capitals (RFC 9562, 4); it is shown in small letters."""
    entry = account.create()
    assert account.get(entry["id"].upper()).json()["result"] == entry
    deleted = account.client.delete(f"{account.path}/{entry['id'].upper()}")
    assert deleted.json()["result"] == {"id": entry["id"]}


@pytest.mark.parametrize(
    "identifier",
    ["12444788", "x", "0" * 36, "f174e90a-fafe-4643-bbbc-4a0ed4fc841", "f174e90afafe4643bbbc4a0ed4fc8415",
     "f174e90a-fafe-4643-bbbc-4a0ed4fc8415%0a", "%20", "f174e90a-fafe-4643-bbbc-4a0ed4fc8415%00", "%00"],
)  # fmt: skip
def test_a_malformed_id_is_404(account, identifier):
    """For every method, with an envelope."""
    for method in ("GET", "PATCH", "DELETE"):
        answer = account.client.request(
            method, f"{account.path}/{identifier}", json=PLAIN if method == "PATCH" else None
        )
        assert (answer.status_code, errors(answer)) == (404, [(7003, None)])
