"""The official Python SDK with allow policies, trusted domains and protected domains: only the base URL is changed."""

from __future__ import annotations

import cloudflare
import pytest
from cloudflare import Cloudflare

POLICY = {
    "pattern": "news@example.com",
    "pattern_type": "EMAIL",
    "is_regex": False,
    "is_acceptable_sender": False,
    "is_exempt_recipient": False,
    "is_trusted_sender": True,
    "verify_sender": True,
}
TRUSTED = {"pattern": "examp1e.example", "is_regex": False, "is_recent": False, "is_similarity": True}
DOMAIN = {
    "domain": "example.com",
    "allowed_delivery_modes": ["DIRECT"],
    "drop_dispositions": ["MALICIOUS"],
    "ip_restrictions": ["192.0.2.0/24"],
    "regions": ["GLOBAL"],
}
PATCH = {"allow_policies": {"comments": "x"}, "trusted_domains": {"comments": "x"}, "domains": {"folder": "Inbox"}}
PUT = {"allow_policies": POLICY, "trusted_domains": TRUSTED,
       "domains": {name: value for name, value in DOMAIN.items() if name != "domain"}}  # fmt: skip


class User:
    """One resource of the SDK, with the account and its id's name filled in."""

    def __init__(self, served, name, body, id_name):
        client = Cloudflare(base_url=served.url, api_token=served.tenant.write_token, _strict_response_validation=True)
        self.resource = getattr(client.email_security.settings, name)
        self.account = {"account_id": served.tenant.account_id}
        self.name, self.body, self.id_name = name, body, id_name

    def create(self, **fields):
        return self.resource.create(**self.account, **(self.body | fields))

    def on(self, verb, identifier, **fields):
        return getattr(self.resource, verb)(**{self.id_name: identifier}, **self.account, **fields)

    def ids(self, **parameters):
        return [one.id for one in self.resource.list(**self.account, **parameters)]


@pytest.fixture(params=["allow_policies", "trusted_domains", "domains"])
def user(request, served, monkeypatch):
    """One of the three; what the SDK reads from the environment is nothing."""
    for name in ("API_TOKEN", "API_KEY", "EMAIL", "API_USER_SERVICE_KEY", "BASE_URL"):
        monkeypatch.delenv(f"CLOUDFLARE_{name}", raising=False)
    bodies = {
        "allow_policies": (POLICY, "policy_id"),
        "trusted_domains": (TRUSTED, "trusted_domain_id"),
        "domains": (DOMAIN, "domain_id"),
    }
    return User(served, request.param, *bodies[request.param])


def test_one_lives_and_dies(user):
    """Create, get, edit, delete: the SDK's types are what the server sends."""
    made = user.create()
    assert user.on("get", made.id).to_dict() == made.to_dict()
    assert user.body.items() <= made.to_dict(mode="json").items()
    edited = user.on("edit", made.id, **PATCH[user.name])
    assert PATCH[user.name].items() <= edited.to_dict(mode="json").items()
    assert edited.modified_at > made.modified_at
    assert user.on("delete", made.id).id == made.id
    with pytest.raises(cloudflare.NotFoundError):
        user.on("get", made.id)


def test_the_pager_finds_all(user):
    """Each once, and stops by itself."""
    made = [user.create().id for _ in range(7)]
    assert [one for one in user.ids(per_page=2) if one in made] == made
    assert [one for one in user.ids(per_page=3, direction="desc") if one in made] == made[::-1]


def test_a_batch(user):
    """Four arrays there, four arrays back."""
    first, second, third = (user.create().id for _ in range(3))
    done = user.resource.batch(
        **user.account,
        deletes=[{"id": first}],
        patches=[{"id": second, **PATCH[user.name]}],
        puts=[{"id": third, **PUT[user.name]}],
        posts=[user.body, user.body],
    )
    assert [one.id for one in done.deletes] == [first]
    assert [one.id for one in done.patches] == [second]
    assert [one.id for one in done.puts] == [third]
    made = [one.id for one in done.posts]
    assert [one for one in user.ids(per_page=1000) if one in (first, second, third, *made)] == [second, third, *made]


def test_a_batch_that_fails_does_nothing(user):
    """The error says where."""
    before = user.ids(per_page=1000)
    with pytest.raises(cloudflare.BadRequestError) as caught:
        user.resource.batch(**user.account, deletes=[{"id": before[0]}] if before else [], patches=[{}], puts=[],
                            posts=[{}])  # fmt: skip
    pointers = [error["source"]["pointer"] for error in caught.value.body["errors"]]
    assert pointers[0] == "/patches/0/id"
    assert {pointer.rpartition("/")[0] for pointer in pointers[1:]} == {"/posts/0"}
    assert user.ids(per_page=1000) == before


def test_domains_are_replaced_filtered_and_deleted_the_old_way(served, monkeypatch):
    """What only domains have. The old deletion names nothing, and removes nothing."""
    for name in ("API_TOKEN", "API_KEY", "EMAIL"):
        monkeypatch.delenv(f"CLOUDFLARE_{name}", raising=False)
    user = User(served, "domains", DOMAIN, "domain_id")
    made = user.create(domain="replaced.example.com", transport="mx.example.com")
    replaced = user.on("update", made.id, **PUT["domains"])
    assert (replaced.domain, replaced.transport, replaced.status, replaced.authorization) == (
        "replaced.example.com",
        None,
        None,
        None,
    )
    assert user.ids(domain=["other.example.com", "replaced.example.com"]) == [made.id]
    assert made.id not in user.ids(status="ACTIVE")
    with pytest.warns(DeprecationWarning, match="deprecated"):
        assert user.resource.bulk_delete(**user.account).result == []
    assert made.id in user.ids()
