"""Protected domains on the wire: arrays, replacement, what is not known, the deprecated deletion."""

from __future__ import annotations

import pytest

from .account import pointers
from .settings import DOMAIN, NOWHERE, Settings

INTEGRATION = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
FULL = {
    "folder": "AllItems",
    "integration_id": INTEGRATION,
    "lookback_hops": 1,
    "require_tls_inbound": True,
    "require_tls_outbound": False,
    "transport": "mx.example.com",
}
MUTABLE = {name: value for name, value in DOMAIN.items() if name != "domain"}


@pytest.fixture
def domains(account) -> Settings:
    return Settings(account, "domains")


def _put(domains, identifier, **fields):
    return domains.account.client.put(f"{domains.path}/{identifier}", json=MUTABLE | fields)


def test_everything_that_is_written_is_answered(domains):
    """Word for word; the same name may be there twice."""
    made = domains.create(**FULL)
    assert (DOMAIN | FULL).items() <= made.items()
    assert domains.create()["domain"] == made["domain"]


def test_what_is_not_known_is_null_or_absent(domains):
    """Null where the wire allows null, else absent: nothing is made up."""
    made = domains.create()
    unknown = {name for name, value in made.items() if value is None}
    assert unknown == {
        "dmarc_status",
        "folder",
        "inbox_provider",
        "integration_id",
        "o365_tenant_id",
        "require_tls_inbound",
        "require_tls_outbound",
        "spf_status",
        "status",
    }
    assert made.keys().isdisjoint(("authorization", "emails_processed", "lookback_hops", "transport"))


@pytest.mark.parametrize(
    ("field", "value", "pointer"),
    [
        ("domain", "a b.example", "/domain"),
        ("domain", "x" * 254, "/domain"),
        ("allowed_delivery_modes", [], "/allowed_delivery_modes"),
        ("allowed_delivery_modes", ["direct"], "/allowed_delivery_modes"),
        ("allowed_delivery_modes", "DIRECT", "/allowed_delivery_modes"),
        ("allowed_delivery_modes", [1], "/allowed_delivery_modes"),
        ("regions", ["GLOBAL"] * 11, "/regions"),
        ("drop_dispositions", None, "/drop_dispositions"),
        ("ip_restrictions", ["192.0.2.0/24", "mx"], "/ip_restrictions/1"),
        ("ip_restrictions", ["192.0.2.1"] * 101, "/ip_restrictions"),
        ("lookback_hops", 0, "/lookback_hops"),
        ("lookback_hops", 21, "/lookback_hops"),
        ("integration_id", "none", "/integration_id"),
        ("folder", "Trash", "/folder"),
        ("comments", "x", "/comments"),
        ("a/b", "x", "/a~1b"),
    ],
)
def test_a_fault_is_named(domains, field, value, pointer):
    """By its pointer; a key that is no field is a fault in what is created, as documented."""
    assert pointers(domains.post(**{field: value})) == [pointer]
    assert domains.keys() == []


def test_a_replacement_sets_everything_but_the_name(domains):
    """What it does not name is unset; what it requires is asked for."""
    made = domains.create(**FULL)
    replaced = _put(domains, made["id"], regions=["AU", "US"])
    assert replaced.status_code == 200
    assert replaced.json()["result"] == domains.create(regions=["AU", "US"]) | {
        name: replaced.json()["result"][name] for name in ("id", "created_at", "modified_at", "last_modified")
    }
    missing = domains.account.client.put(f"{domains.path}/{made['id']}", json={})
    assert pointers(missing) == [f"/{name}" for name in MUTABLE]
    assert _put(domains, NOWHERE).status_code == 404


def test_the_name_does_not_change(domains):
    """It may be repeated, as Terraform does."""
    made = domains.create()
    assert domains.edit(made["id"], domain="example.com", folder="Inbox").status_code == 200
    assert pointers(domains.edit(made["id"], domain="example.net")) == ["/domain"]
    assert pointers(_put(domains, made["id"], domain="example.net")) == ["/domain"]


def test_an_empty_edit_changes_nothing(domains):
    """The one edit that the wire allows to be empty."""
    made = domains.create()
    answer = domains.edit(made["id"])
    assert (answer.status_code, answer.json()["result"]) == (200, made)


def test_a_list_is_filtered(domains):
    """By mode, by names (several), by integration; the status is null for all."""
    domains.create(domain="a.example", allowed_delivery_modes=["BCC", "API"], integration_id=INTEGRATION)
    domains.create(domain="b.example")
    domains.create(domain="c.example", allowed_delivery_modes=["JOURNAL"])
    assert domains.keys(allowed_delivery_mode="api") == ["a.example"]
    assert domains.keys(active_delivery_mode="DIRECT") == ["b.example"]
    assert domains.keys(allowed_delivery_mode="API", active_delivery_mode="DIRECT") == []
    assert domains.keys(domain=["c.example", "a.example", "d.example"]) == ["a.example", "c.example"]
    assert domains.keys(domain="b.example") == ["b.example"]
    assert domains.keys(integration_id=INTEGRATION) == ["a.example"]
    assert pointers(domains.account.client.get(domains.path, params={"integration_id": "x"})) == [
        "/query/integration_id"
    ]
    assert domains.keys(status="PENDING") == []
    assert len(domains.keys(status="null")) == 3
    assert domains.keys(order="domain", direction="desc", search="EXAMPLE") == ["c.example", "b.example", "a.example"]


def test_no_record_has_to_be_published(domains):
    """204 without a body for a domain that is there, 404 for one that is not."""
    made = domains.create()
    answer = domains.account.client.get(f"{domains.path}/{made['id']}/verification")
    assert (answer.status_code, answer.content) == (204, b"")
    assert domains.account.client.get(f"{domains.path}/{NOWHERE}/verification").status_code == 404


def test_the_deprecated_deletion_removes_what_it_names_and_nothing_else(domains):
    """Without a body it removes nothing, never everything; it is all or nothing."""
    first, second = domains.create()["id"], domains.create()["id"]
    client = domains.account.client
    assert client.delete(domains.path).json()["result"] == []
    assert client.request("DELETE", domains.path, json=[{"id": first}, {"id": NOWHERE}]).status_code == 404
    assert pointers(client.request("DELETE", domains.path, json={"id": first})) == [""]
    assert pointers(client.request("DELETE", domains.path, json=[{"id": first}, {}])) == ["/1/id"]
    assert len(domains.keys()) == 2
    assert client.request("DELETE", domains.path, json=[{"id": second}]).json()["result"] == [{"id": second}]
    assert [one["id"] for one in domains.list()["result"]] == [first]
