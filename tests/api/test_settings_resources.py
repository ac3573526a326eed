"""Allow policies, trusted domains and protected domains: what the three have in common."""

from __future__ import annotations

import pytest

from sosie.store import accounts, audit

from .account import errors, pointers
from .conftest import bearer, open_account
from .settings import BODIES, NOUNS, NOWHERE, Settings


@pytest.fixture(params=sorted(BODIES))
def settings(request, account) -> Settings:
    """One of the three, in an account of this test's own."""
    return Settings(account, request.param)


@pytest.fixture(scope="module", params=sorted(BODIES))
def filled(request, served):
    """Twenty-three of one of the three."""
    with open_account(served) as account:
        settings = Settings(account, request.param)
        for number in range(23):
            settings.create(**{settings.key: f"m{number * 7 % 11:02}.example.com"} | _typed(settings))
        yield settings


def _typed(settings: Settings) -> dict:
    return {"pattern_type": "DOMAIN"} if settings.name == "allow_policies" else {}


def test_one_lives_and_dies(settings):
    """Create 201, get, edit, delete with its id, then 404."""
    made = settings.create()
    assert made == settings.get(made["id"]).json()["result"]
    assert list(made) == sorted(made)
    assert made["created_at"] == made["modified_at"] == made["last_modified"]
    assert BODIES[settings.name].items() <= made.items()
    changes = {"regions": ["AU"]} if settings.name == "domains" else {"comments": "a note"}
    edited = settings.edit(made["id"], **changes)
    assert edited.status_code == 200
    assert edited.headers["deprecation"].startswith("@")
    assert edited.json()["result"]["modified_at"] > made["modified_at"]
    assert changes.items() <= settings.get(made["id"]).json()["result"].items()
    assert settings.delete(made["id"].upper()).json()["result"] == {"id": made["id"]}
    for gone in (settings.get(made["id"]), settings.edit(made["id"], **changes), settings.delete(made["id"])):
        assert (gone.status_code, errors(gone)) == (404, [(1007, None)])
    assert settings.get("12444788").status_code == 404


def test_what_a_client_may_not_write_is_ignored(settings):
    """Ids and times in an edit change nothing, and are no fault."""
    made = settings.create()
    edited = settings.edit(made["id"], id=NOWHERE, created_at="2001-01-01T00:00:00Z")
    assert edited.json()["result"] == made


def test_every_missing_field_is_named(settings):
    """One error each; and the body must be an object."""
    answer = settings.account.client.post(settings.path, json={})
    assert pointers(answer) == [f"/{name}" for name in _required(settings)]
    assert pointers(settings.account.client.post(settings.path, json=[])) == [""]


def _required(settings: Settings) -> list[str]:
    """In the order of the field table, which the document shows."""
    document = settings.account.client.get("/openapi.json").json()
    schema = document["paths"]["/accounts/{account_id}/email-security/settings/" + settings.name]["post"]
    name = schema["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
    return document["components"]["schemas"][name]["required"]


def test_a_reading_token_reads_only(settings):
    """Write is asked for everything that changes something."""
    made = settings.create()
    client, reader = settings.account.client, bearer(settings.account.tenant.read_token)
    one = f"{settings.path}/{made['id']}"
    assert client.get(one, headers=reader).status_code == client.get(settings.path, headers=reader).status_code == 200
    body = BODIES[settings.name]
    for method, path in (("POST", settings.path), ("POST", settings.path + "/batch"), ("PATCH", one), ("DELETE", one)):
        assert client.request(method, path, json=body, headers=reader).status_code == 403
    assert settings.keys() == [made[settings.key]]


def test_another_account_sees_nothing(settings, served):
    """Neither in a list nor by id."""
    made = settings.create()
    with open_account(served) as stranger:
        theirs = Settings(stranger, settings.name)
        assert theirs.keys() == []
        assert theirs.get(made["id"]).status_code == theirs.delete(made["id"]).status_code == 404
    assert settings.get(made["id"]).status_code == 200


def test_every_write_is_one_revision_and_is_in_the_audit(settings, served):
    """Create, edit and delete, with what was before and what is after; an edit that changes nothing leaves no trace."""
    made = settings.create()
    changes = {"folder": "Inbox"} if settings.name == "domains" else {"comments": "x"}
    settings.edit(made["id"], **changes)
    settings.edit(made["id"], **changes)
    settings.delete(made["id"])

    async def read(database):
        no = (await accounts.look_up(database.reader, settings.account.tenant.account_id)).no
        return await audit.read(database.reader, no)

    noun = NOUNS[settings.name]
    records = [one for one in served.storage.run(read) if one.subject == made["id"]][::-1]
    assert [one.action for one in records] == [f"{noun}.create", f"{noun}.edit", f"{noun}.delete"]
    assert [(one.before is None, one.after is None) for one in records] == [
        (True, False),
        (False, False),
        (False, True),
    ]
    assert records[1].before["modified_at"] == made["modified_at"]
    assert records[0].revision < records[1].revision < records[2].revision


def test_a_repeated_create_makes_one(settings):
    """By the count of an official client's tries, or by the client's own key; a key is one list's own."""
    first = settings.create()
    assert settings.post(headers={"x-stainless-retry-count": "1"}).json()["result"] == first
    key = {"Idempotency-Key": "mine"}
    entry = settings.account.client.post(
        settings.account.path, json={"name": "A", "email": "a@example.com", "is_email_regex": False}, headers=key
    )
    assert entry.status_code == 201
    named = settings.post(headers=key).json()["result"]
    assert settings.post(headers=key).json()["result"] == named != first
    other = settings.post(headers=key, **{settings.key: "other.example.com"} | _typed(settings))
    assert pointers(other) == ["/header/Idempotency-Key"]
    another = settings.post(headers={"x-stainless-retry-count": "1"}, **{settings.key: "z.example"} | _typed(settings))
    assert another.status_code == 201
    assert settings.keys()[2:] == ["z.example"]


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("order", ["key", "created_at"])
def test_pages_show_everything_once_in_order(filled, order, direction):
    """Ties in order of creation; a page past the end is empty; the totals are there."""
    order = filled.key if order == "key" else order
    found = []
    for page in range(1, 10):
        answer = filled.list(page=page, per_page=5, order=order, direction=direction)
        info = answer["result_info"]
        assert info == {
            "count": len(answer["result"]),
            "page": page,
            "per_page": 5,
            "total_count": 23,
            "total_pages": 5,
        }
        found += answer["result"]
    assert len({one["id"] for one in found}) == len(found) == 23
    keys = [(one[order], one["created_at"]) for one in found]
    assert keys == sorted(keys, reverse=direction == "desc")


def test_search_finds_a_part_in_any_case(filled):
    """Of what is matched, and of comments."""
    answer = filled.list(search=" M03.EXAMPLE ", per_page=1)
    assert [one[filled.key] for one in answer["result"]] == ["m03.example.com"]
    assert answer["result_info"]["total_pages"] == 2
    assert answer["result_info"]["total_count"] == 23
    assert filled.keys(search="nothing like it") == []


def test_parameters_that_break_a_rule_are_named(settings):
    """Each with its pointer."""
    answer = settings.account.client.get(
        settings.path, params={"page": 0, "per_page": 1001, "order": "name", "direction": "up", "search": "x" * 257}
    )
    assert sorted(pointers(answer)) == [
        f"/query/{name}" for name in ("direction", "order", "page", "per_page", "search")
    ]
