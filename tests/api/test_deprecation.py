"""`last_modified` is deprecated: answers that show it say so."""

from __future__ import annotations

from .account import PLAIN

NAMES = ("deprecation", "sunset")


def test_answers_with_the_deprecated_field_say_so(account):
    """Deprecation (RFC 9745) and Sunset (RFC 8594) stand where last_modified does."""
    made = account.client.post(account.path, json=PLAIN)
    item = f"{account.path}/{made.json()['result']['id']}"
    shown = [made, account.client.get(item), account.client.patch(item, json={"name": "x"})]
    shown.append(account.client.get(account.path))
    for answer in shown:
        assert [answer.headers[name] for name in NAMES] == ["@1785542400", "Sun, 01 Nov 2026 00:00:00 GMT"]


def test_answers_without_it_do_not(account):
    """A deletion, a failure and the other resources show no such field and no such headers."""
    entry = account.create()
    for answer in (
        account.client.delete(f"{account.path}/{entry['id']}"),
        account.get(entry["id"]),
        account.client.get("/accounts"),
    ):
        assert not [name for name in NAMES if name in answer.headers]
