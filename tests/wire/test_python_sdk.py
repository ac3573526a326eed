"""The official Python SDK, as a user writes it, against a real server: only the base URL is changed."""

from __future__ import annotations

import time

import cloudflare
import httpx
import pytest
from cloudflare import Cloudflare

from conftest import make_storage
from support.server import start_server

from .crowd import SIZE, make_crowd

NOWHERE = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415"
NOBODY = "sosie_" + "0" * 44
JANE = {"name": "Jane Roe", "email": "jane.roe@example.com", "is_email_regex": False}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    """What the SDK reads from the environment is what a test puts there."""
    for name in ("API_TOKEN", "API_KEY", "EMAIL", "API_USER_SERVICE_KEY", "BASE_URL"):
        monkeypatch.delenv(f"CLOUDFLARE_{name}", raising=False)


class User:
    """The SDK's resource, with the account filled in."""

    def __init__(self, served, tenant, **credentials):
        credentials = credentials or {"api_token": tenant.write_token}
        self.client = Cloudflare(base_url=served.url, _strict_response_validation=True, **credentials)
        self.registry = self.client.email_security.settings.impersonation_registry
        self.account = {"account_id": tenant.account_id}

    def create(self, **fields):
        return self.registry.create(**self.account, **(JANE | fields))

    def list(self, **parameters):
        return self.registry.list(**self.account, **parameters)


@pytest.fixture
def user(served):
    return User(served, served.tenant)


@pytest.fixture(scope="module")
def crowd(served):
    return make_crowd(served)


def test_an_entry_lives_and_dies(user):
    """Create, get, edit and delete: the SDK's types are what the server sends."""
    made = user.create(comments="CEO", provenance="A1S_INTERNAL", directory_id=0)
    assert (made.name, made.email, made.is_email_regex) == ("Jane Roe", "jane.roe@example.com", False)
    assert (made.comments, made.provenance, made.directory_id, made.directory_node_id) == (
        "CEO",
        "A1S_INTERNAL",
        0,
        None,
    )
    assert made.created_at == made.modified_at == made.last_modified
    assert made.created_at.tzinfo is not None
    read = user.registry.get(made.id, **user.account)
    assert read.to_dict() == made.to_dict()
    edited = user.registry.edit(made.id, **user.account, name="Jane B. Roe", comments=None)
    assert (edited.name, edited.comments, edited.email) == ("Jane B. Roe", None, made.email)
    assert edited.modified_at > made.modified_at
    assert user.registry.delete(made.id, **user.account).id == made.id
    with pytest.raises(cloudflare.NotFoundError):
        user.registry.get(made.id, **user.account)


@pytest.mark.parametrize("per_page", [1000, 100])
@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("order", ["created_at", "name", "email"])
def test_the_auto_pager_finds_every_entry_once(served, crowd, order, direction, per_page):
    """2,345 entries, each exactly once, in order; it stops by itself."""
    found = list(User(served, crowd).list(order=order, direction=direction, per_page=per_page))
    assert len(found) == len({entry.id for entry in found}) == SIZE
    keys = [(getattr(entry, order), entry.created_at) for entry in found]
    assert keys == sorted(keys, reverse=direction == "desc")


def test_the_pager_filters_and_searches(served, crowd):
    """By provenance, by a word, and by both."""
    user = User(served, crowd)
    synced = list(user.list(provenance="SNOOPY-OFFICE_365", per_page=1000))
    assert len(synced) == SIZE // 4
    assert {entry.provenance for entry in synced} == {"SNOOPY-OFFICE_365"}
    assert len(list(user.list(search="every tenth", per_page=50))) == 235
    both = list(user.list(search="every tenth", provenance="SNOOPY-OFFICE_365", per_page=50))
    assert both
    assert {(entry.provenance, entry.comments) for entry in both} == {("SNOOPY-OFFICE_365", "every tenth")}
    (one,) = user.list(search="p0042@example.com")
    assert one.email == "p0042@example.com"


def test_a_page_tells_where_it_stands(served, crowd):
    """result_info, as the SDK shows it."""
    page = User(served, crowd).list(page=3, per_page=1000)
    assert (page.result_info.page, page.result_info.per_page, len(page.result)) == (3, 1000, 345)
    assert page.has_next_page()
    assert page.get_next_page().result == []


def test_a_wrong_token_is_a_permission_denied_error(served):
    """With the code of the service, and no retry."""
    with pytest.raises(cloudflare.PermissionDeniedError) as caught:
        User(served, served.tenant, api_token=NOBODY).list()
    assert caught.value.errors[0].code == 10000


def test_a_reading_token_reads(served):
    """And does not write."""
    reader = User(served, served.tenant, api_token=served.tenant.read_token)
    assert isinstance(reader.list().result, list)
    with pytest.raises(cloudflare.PermissionDeniedError):
        reader.create()
    with pytest.raises(cloudflare.PermissionDeniedError):
        reader.registry.delete(NOWHERE, **reader.account)


def test_another_account_is_forbidden(served):
    """Another's account and one that is not there, alike."""
    stranger = User(served, served.other, api_token=served.tenant.write_token)
    with pytest.raises(cloudflare.PermissionDeniedError) as theirs:
        stranger.list()
    with pytest.raises(cloudflare.PermissionDeniedError) as nobodys:
        stranger.registry.list(account_id="0" * 32)
    assert theirs.value.body == nobodys.value.body


def test_an_address_with_its_key_is_a_credential(served):
    """The older pair of headers."""
    pair = {"api_email": served.tenant.email, "api_key": served.tenant.api_key}
    user = User(served, served.tenant, **pair)
    made = user.create()
    assert user.registry.delete(made.id, **user.account).id == made.id
    assert user.client.user.get().email == served.tenant.email


def test_a_token_beside_an_address_in_the_environment_is_explained(served, monkeypatch):
    """The SDK then sends the address alone; the answer says so, in words that help."""
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", served.tenant.write_token)
    monkeypatch.setenv("CLOUDFLARE_EMAIL", "user@example.com")
    with pytest.raises(cloudflare.BadRequestError) as caught:
        User(served, served.tenant, max_retries=0).list()
    assert caught.value.errors[0].code == 9106
    assert "CLOUDFLARE_EMAIL" in caught.value.body["messages"][0]["message"]


def test_the_environment_alone_is_enough(served, monkeypatch):
    """CLOUDFLARE_API_TOKEN and CLOUDFLARE_BASE_URL, and no line of a program is changed."""
    monkeypatch.setenv("CLOUDFLARE_API_TOKEN", served.tenant.write_token)
    monkeypatch.setenv("CLOUDFLARE_BASE_URL", served.url)
    registry = Cloudflare().email_security.settings.impersonation_registry
    assert isinstance(registry.list(account_id=served.tenant.account_id).result, list)


def test_what_is_not_there_is_a_not_found_error(user):
    """404 for get, edit and delete."""
    for act in (user.registry.get, user.registry.delete):
        with pytest.raises(cloudflare.NotFoundError):
            act(NOWHERE, **user.account)
    with pytest.raises(cloudflare.NotFoundError):
        user.registry.edit(NOWHERE, **user.account, name="x")
    with pytest.raises(cloudflare.NotFoundError):
        user.registry.get("12444788", **user.account)


def test_a_bad_request_names_its_fields(user):
    """Every one, with a pointer."""
    with pytest.raises(cloudflare.BadRequestError) as caught:
        user.create(name="", email="nobody", is_email_regex=False, comments="x" * 9000)
    pointers = [error["source"]["pointer"] for error in caught.value.body["errors"]]
    assert pointers == ["/name", "/comments", "/email"]


def test_a_lost_answer_makes_no_second_entry(served):
    """The first answer never arrives; the SDK sends the same request again, and gets the entry that is there."""
    lost = []

    class Losing(httpx.HTTPTransport):
        def handle_request(self, request):
            answer = super().handle_request(request)
            if request.method == "POST" and not lost:
                answer.read()
                lost.append(answer.json()["result"]["id"])
                raise httpx.ReadError("the connection broke")
            return answer

    tenant = make_crowd(served)
    client = httpx.Client(transport=Losing())
    user = User(served, tenant, api_token=tenant.write_token, http_client=client)
    made = user.create(name="Made once")
    assert lost == [made.id]
    assert [entry.id for entry in user.list(search="Made once")] == [made.id]


def test_an_idempotency_key_makes_no_second_entry(user):
    """The SDK's own way to send a header."""
    first, second = (user.create(name="Keyed", extra_headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert first.id == second.id
    assert user.create(name="Keyed", extra_headers={"x-stainless-retry-count": "1"}).id == first.id
    assert user.create(name="Keyed").id != first.id


def test_tokens_are_managed(served):
    """The SDK's resource for account tokens: made, verified, used, rolled, deleted."""
    tenant = served.tenant
    client = Cloudflare(base_url=served.url, api_token=tenant.manage_token, _strict_response_validation=True)
    account = {"account_id": tenant.account_id}
    groups = {group.name: group.id for group in client.accounts.tokens.permission_groups.get(**account)}
    resources = {f"com.cloudflare.api.account.{tenant.account_id}": "*"}
    policy = {
        "effect": "allow",
        "permission_groups": [{"id": groups["Cloud Email Security: Read"]}],
        "resources": resources,
    }
    made = client.accounts.tokens.create(**account, name="reader", policies=[policy])
    reader = User(served, tenant, api_token=made.value)
    assert reader.client.user.tokens.verify().status == "active"
    assert reader.client.accounts.tokens.verify(**account).id == made.id
    assert isinstance(reader.list().result, list)
    assert made.id in [token.id for token in client.accounts.tokens.list(**account)]
    rolled = client.accounts.tokens.value.update(made.id, **account)
    with pytest.raises(cloudflare.PermissionDeniedError):
        reader.list()
    assert isinstance(User(served, tenant, api_token=rolled).list().result, list)
    updated = client.accounts.tokens.update(made.id, **account, name="renamed", policies=[policy])
    assert (updated.name, updated.status) == ("renamed", "active")
    assert client.accounts.tokens.get(made.id, **account).name == "renamed"
    assert client.accounts.tokens.delete(made.id, **account).id == made.id


def test_accounts_are_found(served):
    """How a program finds the id that everything else needs."""
    client = Cloudflare(base_url=served.url, api_token=served.tenant.read_token, _strict_response_validation=True)
    (account,) = client.accounts.list()
    assert account.id == served.tenant.account_id
    assert client.accounts.get(account_id=account.id).name == account.name


@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_the_rate_limit_is_obeyed(backend, tmp_path, request):
    """429, and the SDK waits for as long as Retry-After says, then goes on."""
    settings = {"SOSIE_RATE_LIMIT_REQUESTS": "5", "SOSIE_RATE_LIMIT_SECONDS": "3"}
    server = start_server(make_storage(backend, tmp_path, request), **settings)
    try:
        user = User(server, server.tenant, api_token=server.tenant.write_token, max_retries=0)
        began = time.monotonic()
        for _ in range(5):
            user.list()
        with pytest.raises(cloudflare.RateLimitError) as caught:
            user.list()
        assert caught.value.errors[0].code == 10429
        seconds = int(caught.value.response.headers["retry-after"])
        assert 0 < seconds <= 3
        patient = User(server, server.tenant, api_token=server.tenant.write_token, max_retries=1)
        assert patient.list().result == []
        assert time.monotonic() - began >= seconds - 1
    finally:
        server.stop()
