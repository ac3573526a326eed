"""The exact requests of Terraform's provider, replayed: after at most one extra apply a plan finds nothing to change.

`Provider` is a model of what terraform-provider-cloudflare 5 does with the resource
`cloudflare_email_security_impersonation_registry`, whose optional attributes are "optional and not computed". A create
sends what is configured and no nulls, and takes only the computed attributes from the answer. A read takes everything,
so that a value which the server adds to an attribute that nobody configured is a difference, `"A1S_INTERNAL" -> null`.
An update is a merge patch (RFC 7396) of what differs, with an explicit null for what is to be unset.
"""

from __future__ import annotations

import itertools
from typing import Any

import httpx
import pytest

REQUIRED = {"name": "Jane Roe", "email": "jane.roe@example.com", "is_email_regex": False}
OPTIONAL = {
    "comments": "CEO",
    "directory_id": 7,
    "directory_node_id": 8,
    "external_directory_node_id": "ext",
    "provenance": "A1S_INTERNAL",
}
COMPUTED = ("id", "created_at", "last_modified", "modified_at")
CONFIGURABLE = (*REQUIRED, *OPTIONAL)
COMBINATIONS = [
    dict(chosen) for count in range(len(OPTIONAL) + 1) for chosen in itertools.combinations(OPTIONAL.items(), count)
]


class Provider:
    """One resource: `state` is None before it is created and after it was found to be gone."""

    def __init__(self, client: httpx.Client, registry: str) -> None:
        self._client, self._registry = client, registry
        self.state: dict[str, Any] | None = None

    @property
    def _item(self) -> str:
        assert self.state is not None
        return f"{self._registry}/{self.state['id']}"

    def apply(self, configuration: dict[str, Any]) -> None:
        """Carry out what a plan would say."""
        if self.state is None:
            answer = self._client.post(self._registry, json=configuration)
        else:
            answer = self._client.patch(self._item, json=self._difference(configuration))
        assert answer.is_success, answer.text
        result = answer.json()["result"]
        planned = {name: configuration.get(name) for name in CONFIGURABLE}
        self.state = planned | {name: result[name] for name in COMPUTED}

    def plan(self, configuration: dict[str, Any]) -> dict[str, Any]:
        """Refresh; then what an update would send. Empty: "No changes. Your infrastructure matches"."""
        self.refresh()
        return configuration if self.state is None else self._difference(configuration)

    def refresh(self) -> None:
        """Read; what is not there any more is dropped from the state."""
        answer = self._client.get(self._item)
        if answer.status_code == 404:
            self.state = None
            return
        assert answer.is_success, answer.text
        self.state = {name: answer.json()["result"][name] for name in (*CONFIGURABLE, *COMPUTED)}

    def destroy(self) -> None:
        """Delete; an error if it is not there."""
        self._client.delete(self._item).raise_for_status()
        self.state = None

    def _difference(self, configuration: dict[str, Any]) -> dict[str, Any]:
        assert self.state is not None
        return {name: configuration.get(name) for name in CONFIGURABLE if self.state[name] != configuration.get(name)}


@pytest.fixture
def provider(client, registry):
    return Provider(client, registry)


def _named(configuration: dict[str, Any]) -> str:
    return "+".join(configuration) or "nothing"


@pytest.mark.parametrize("optional", COMBINATIONS, ids=_named)
def test_it_comes_to_rest(provider, optional):
    """For every set of attributes. Only an unset provenance differs once, as at the service; null then stays."""
    configuration = REQUIRED | optional
    provider.apply(configuration)
    first = provider.plan(configuration)
    assert first == ({} if "provenance" in optional else {"provenance": None})
    if first:
        provider.apply(configuration)
    for _ in range(2):
        assert provider.plan(configuration) == {}
    provider.destroy()


@pytest.mark.parametrize("optional", COMBINATIONS, ids=_named)
def test_attributes_come_and_go(provider, optional):
    """From this set to what it leaves out and back, each in one apply: what is removed is null from then on."""
    rest = {name: value for name, value in OPTIONAL.items() if name not in optional}
    provider.apply(REQUIRED | OPTIONAL)
    for configuration in (REQUIRED | optional, REQUIRED | rest, REQUIRED | optional, dict(REQUIRED)):
        if provider.plan(configuration):
            provider.apply(configuration)
        assert provider.plan(configuration) == {}
    provider.destroy()


def test_every_attribute_is_changed_in_place(provider):
    """One attribute at a time; the patch names that one only, and the id stays."""
    configuration = REQUIRED | OPTIONAL
    provider.apply(configuration)
    identifier = provider.state["id"]
    changes = {
        "name": "Jane B. Roe", "email": ".*@example\\.com", "comments": "CFO", "directory_id": 0,
        "directory_node_id": -1, "external_directory_node_id": "",
    }  # fmt: skip
    for name, value in changes.items():
        configuration[name] = value
        if name == "email":
            configuration["is_email_regex"] = True
        assert set(provider.plan(configuration)) == ({"email", "is_email_regex"} if name == "email" else {name})
        provider.apply(configuration)
        assert provider.plan(configuration) == {}
    assert provider.state["id"] == identifier
    provider.destroy()


@pytest.mark.parametrize("provenance", ["SNOOPY-CASB_OFFICE_365", "SNOOPY-OFFICE_365", "SNOOPY-GOOGLE_DIRECTORY"])
def test_a_directorys_provenance_comes_to_rest_and_can_be_destroyed(provider, provenance):
    """It cannot be changed, so it must not differ; and whoever made it can remove it."""
    configuration = REQUIRED | {"provenance": provenance}
    provider.apply(configuration)
    assert provider.plan(configuration) == {}
    provider.destroy()


def test_another_case_of_provenance_is_refused(client, registry):
    """The provider would let it through; answered in capitals it would differ for ever."""
    answer = client.post(registry, json=REQUIRED | {"provenance": "a1s_internal"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["source"]["pointer"] == "/provenance"


def test_what_was_deleted_elsewhere_is_made_again(provider, client, registry):
    """404 on read drops it from the state, and the next plan creates it."""
    provider.apply(REQUIRED | OPTIONAL)
    gone = provider.state["id"]
    client.delete(f"{registry}/{gone}")
    assert provider.plan(REQUIRED | OPTIONAL) == REQUIRED | OPTIONAL
    assert provider.state is None
    provider.apply(REQUIRED | OPTIONAL)
    assert provider.state["id"] != gone
    assert provider.plan(REQUIRED | OPTIONAL) == {}
    provider.destroy()


def test_destroying_what_is_gone_is_an_error(provider, client, registry):
    """404 on delete, as the provider expects."""
    provider.apply(dict(REQUIRED))
    client.delete(f"{registry}/{provider.state['id']}")
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        provider.destroy()


def test_what_was_changed_elsewhere_is_changed_back(provider, client, registry):
    """A plan shows what differs, and nothing else."""
    configuration = REQUIRED | OPTIONAL
    provider.apply(configuration)
    client.patch(f"{registry}/{provider.state['id']}", json={"comments": "changed by hand"})
    assert provider.plan(configuration) == {"comments": "CEO"}
    provider.apply(configuration)
    assert provider.plan(configuration) == {}
    provider.destroy()


def test_an_import_needs_no_change(provider, client, registry):
    """What another client made is taken over by its id; the configuration of such an entry says A1S_INTERNAL."""
    made = client.post(registry, json=REQUIRED).json()["result"]
    provider.state = {"id": made["id"]}
    assert provider.plan(REQUIRED | {"provenance": "A1S_INTERNAL"}) == {}
    provider.destroy()
