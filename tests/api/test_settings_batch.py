"""Batches: several operations, in the order deletes, patches, puts, posts, all of them or none."""

from __future__ import annotations

import pytest

from sosie.store import accounts, audit

from .account import errors, pointers
from .settings import BODIES, NOWHERE, Settings


@pytest.fixture(params=sorted(BODIES))
def settings(request, account) -> Settings:
    """One of the three, in an account of this test's own."""
    return Settings(account, request.param)


def _three(settings: Settings) -> list[str]:
    return [settings.create()["id"] for _ in range(3)]


def _replacement(settings: Settings) -> dict:
    return {name: value for name, value in BODIES[settings.name].items() if name != "domain"}


def _change(settings: Settings) -> dict:
    return {"folder": "Inbox"} if settings.name == "domains" else {"comments": "a note"}


def test_every_kind_of_operation_in_one_revision(settings, served):
    """The answer has the same four arrays; one revision, one record for each operation."""
    first, second, third = _three(settings)
    answer = settings.batch(
        deletes=[{"id": first.upper()}],
        patches=[{"id": second} | _change(settings)],
        puts=[{"id": third} | _replacement(settings) | _change(settings)],
        posts=[BODIES[settings.name], BODIES[settings.name]],
    )
    assert answer.status_code == 200, answer.text
    result = answer.json()["result"]
    assert result["deletes"] == [{"id": first}]
    assert [one["id"] for one in result["patches"]] == [second]
    assert [one["id"] for one in result["puts"]] == [third]
    made = [one["id"] for one in result["posts"]]
    assert [one["id"] for one in settings.list()["result"]] == [second, third, *made]
    for name in ("patches", "puts"):
        assert _change(settings).items() <= result[name][0].items()

    async def read(database):
        no = (await accounts.look_up(database.reader, settings.account.tenant.account_id)).no
        return await audit.read(database.reader, no, most=5)

    records = served.storage.run(read)
    assert len({record.revision for record in records}) == 1
    assert [record.subject for record in records][::-1] == [first, second, third, *made]


def test_a_put_unsets_what_it_does_not_name(settings):
    """A patch leaves it."""
    made = settings.create(**_change(settings))
    (name,) = _change(settings)
    patched = settings.batch(patches=[{"id": made["id"]}]).json()["result"]["patches"]
    assert patched == [made]
    put = settings.batch(puts=[{"id": made["id"]} | _replacement(settings)]).json()["result"]["puts"]
    assert put[0][name] is None


def test_one_that_is_not_there_undoes_all(settings):
    """404, with a pointer to the operation; nothing has happened."""
    first, second, third = _three(settings)
    for array, more in (("deletes", {}), ("patches", _change(settings)), ("puts", _replacement(settings))):
        arrays = {
            "deletes": [{"id": first}],
            "patches": [{"id": second} | _change(settings)],
            "posts": [BODIES[settings.name]],
        }
        arrays[array] = [*arrays.get(array, ()), {"id": NOWHERE} | more]
        answer = settings.batch(**arrays)
        place = len(arrays[array]) - 1
        assert (answer.status_code, errors(answer)) == (404, [(1007, f"/{array}/{place}/id")])
    assert [one["id"] for one in settings.list()["result"]] == [first, second, third]
    assert settings.get(second).json()["result"]["created_at"] == settings.get(second).json()["result"]["modified_at"]


def test_what_was_deleted_cannot_be_edited_in_the_same_batch(settings):
    """Operations are done in order."""
    made = settings.create()
    answer = settings.batch(deletes=[{"id": made["id"]}], patches=[{"id": made["id"]} | _change(settings)])
    assert (answer.status_code, errors(answer)) == (404, [(1007, "/patches/0/id")])
    assert settings.get(made["id"]).status_code == 200


def test_every_fault_of_every_operation_is_named(settings):
    """Of all four arrays at once, with pointers into them."""
    bad = {name: value for name, value in BODIES[settings.name].items() if name != settings.key}
    answer = settings.batch(
        deletes=[{"id": "1"}, {}],
        patches=[{}, "x"],
        puts=[{"id": NOWHERE}],
        posts=[BODIES[settings.name], bad],
    )
    found = pointers(answer)
    assert [place for place in found if not place.startswith("/puts")] == [
        "/deletes/0/id",
        "/deletes/1/id",
        "/patches/0/id",
        "/patches/1",
        f"/posts/1/{settings.key}",
    ]
    assert {place.rpartition("/")[0] for place in found if place.startswith("/puts")} == {"/puts/0"}
    assert settings.keys() == []


def test_all_four_arrays_are_required_and_bounded(settings):
    """An empty one is how to say nothing; at most 1,000 operations each."""
    client = settings.account.client
    assert pointers(client.post(settings.path + "/batch", json={"deletes": []})) == ["/patches", "/puts", "/posts"]
    assert pointers(client.post(settings.path + "/batch", json=[])) == [""]
    assert pointers(settings.batch(deletes={}, posts=None)) == ["/deletes", "/posts"]
    assert pointers(settings.batch(deletes=[{"id": NOWHERE}] * 1001)) == ["/deletes"]
    nothing = settings.batch()
    assert nothing.json()["result"] == {"deletes": [], "patches": [], "posts": [], "puts": []}


def test_a_thousand_of_one_kind_are_taken(settings):
    """The limit itself is in bounds."""
    answer = settings.batch(posts=[BODIES[settings.name]] * 1000)
    assert answer.status_code == 200, answer.text
    ids = [{"id": one["id"]} for one in answer.json()["result"]["posts"]]
    assert settings.list(per_page=1000)["result_info"]["count"] == len(ids) == 1000
    assert settings.batch(deletes=ids).json()["result"]["deletes"] == ids
    assert settings.keys() == []


def test_an_edit_that_breaks_a_rule_points_into_the_batch(account):
    """A rule over several fields is looked at with those that stay."""
    settings = Settings(account, "allow_policies")
    made = settings.create()
    answer = settings.batch(patches=[{"id": made["id"], "comments": "x"}, {"id": made["id"], "pattern_type": "IP"}])
    assert pointers(answer) == ["/patches/1/pattern"]
    assert settings.get(made["id"]).json()["result"] == made
