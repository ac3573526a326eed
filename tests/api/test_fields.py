"""Every invalid field is named, all of them at once, each with a pointer to it."""

from __future__ import annotations

import pytest

from .account import PLAIN, errors, pointers

WRONG = {
    "name": [None, "", "  \t\n", 7, True, [], {}, "x" * 1025, "a\0b"],
    "email": [None, "", " ", 7, ["a@b.example"], "x" * 8193, "no address", "a@b.example,", "a@b.example,,c@d.example",
              "a@@b.example", "@b.example", "a@", "a b@c.example"],
    "is_email_regex": [None, "false", "true", 0, 1, [], ""],
    "comments": [7, False, [], "x" * 8193, "a\0b", "é" * 4097],
    "directory_id": ["1", 1.5, True, False, [], 2**63, -(2**63) - 1, 1e300],
    "directory_node_id": ["1", 0.1, True, {}, 2**64],
    "external_directory_node_id": [7, [], "x" * 1025],
    "provenance": ["", "a1s_internal", "MANUAL", 0, [], "A1S_INTERNAL "],
}  # fmt: skip
CASES = [(field, value) for field, values in WRONG.items() for value in values]


def _shown(value):
    return repr(value)[:24]


@pytest.mark.parametrize(("field", "value"), CASES, ids=_shown)
def test_a_create_names_the_field_that_is_wrong(account, field, value):
    """400, code 1001, and the pointer is that of the field and of nothing else."""
    assert pointers(account.client.post(account.path, json=PLAIN | {field: value})) == [f"/{field}"]
    assert account.names() == []


@pytest.mark.parametrize(("field", "value"), CASES[::4], ids=_shown)
def test_an_edit_names_the_field_that_is_wrong(account, field, value):
    """The same rules for an edit, and the entry stays as it was."""
    entry = account.create()
    assert pointers(account.edit(entry, **{field: value})) == [f"/{field}"]
    assert account.get(entry["id"]).json()["result"] == entry


def test_all_wrong_fields_are_named_at_once(account):
    """Whoever repairs a request wants to know everything that is wrong with it."""
    wrong = {field: values[1] for field, values in WRONG.items()}
    assert pointers(account.client.post(account.path, json=wrong)) == [f"/{field}" for field in WRONG]


@pytest.mark.parametrize("missing", ["name", "email", "is_email_regex"])
def test_what_is_required_is_named_where_it_is_missing(account, missing):
    """A create needs a name, an address and whether that is a pattern."""
    body = {name: value for name, value in PLAIN.items() if name != missing}
    answer = account.client.post(account.path, json=body)
    assert pointers(answer) == [f"/{missing}"]
    assert answer.json()["errors"][0]["message"] == f"{missing} is required"


@pytest.mark.parametrize("body", [[], [PLAIN], "text", 7, None, True])
def test_a_body_that_is_no_object_is_refused(account, body):
    """The pointer of the whole body is the empty one (RFC 6901)."""
    assert pointers(account.client.post(account.path, content=_json(body))) == [""]
    entry = account.create()
    assert pointers(account.client.patch(f"{account.path}/{entry['id']}", content=_json(body))) == [""]


def test_an_edit_of_nothing_is_refused(account):
    """`{}` names no field to change; a body of unknown fields alone changes nothing and is no error."""
    entry = account.create()
    assert pointers(account.edit(entry)) == [""]
    same = account.edit(entry, nickname="JR").json()["result"]
    assert same | {"modified_at": 0, "last_modified": 0} == entry | {"modified_at": 0, "last_modified": 0}


def test_unknown_and_read_only_fields_are_ignored(account):
    """A client may send back what it was shown."""
    entry = account.create(id="0" * 36, created_at="never", modified_at=7, last_modified=None, extra={"a": [1]})
    assert entry["id"] != "0" * 36
    assert "extra" not in entry
    back = account.client.patch(f"{account.path}/{entry['id']}", json=entry | {"comments": "CEO"}).json()["result"]
    assert back["comments"] == "CEO"
    assert back["id"] == entry["id"]
    assert back["created_at"] == entry["created_at"]


def test_integers_are_64_bits_wide(account):
    """Both ends of the range come back as they went in; and 1.0 is the integer 1, as JSON has only numbers."""
    entry = account.create(directory_id=2**63 - 1, directory_node_id=-(2**63))
    assert (entry["directory_id"], entry["directory_node_id"]) == (2**63 - 1, -(2**63))
    answer = account.client.post(account.path, content=_json(PLAIN)[:-1] + b',"directory_id":1.0}')
    assert answer.json()["result"]["directory_id"] == 1


def test_a_pattern_that_does_not_compile_is_refused(account):
    """With the reason; and what is no address is fine as a pattern."""
    answer = account.client.post(account.path, json=PLAIN | {"email": "(unclosed", "is_email_regex": True})
    assert pointers(answer) == ["/email"]
    assert "regular expression" in answer.json()["errors"][0]["message"]
    assert account.create(email=r"[^@]+@example\.com", is_email_regex=True)["is_email_regex"] is True


def test_address_and_kind_are_judged_together(account):
    """An edit of one is checked against the other that stays."""
    entry = account.create(email=".*@example\\.com", is_email_regex=True)
    assert pointers(account.edit(entry, is_email_regex=False)) == ["/email"]
    both = account.edit(entry, is_email_regex=False, email="jane@example.com").json()["result"]
    assert both["email"] == "jane@example.com"
    assert pointers(account.edit(both, email=".*@example\\.com")) == ["/email"]


def test_several_addresses_are_kept_as_they_were_written(account):
    """Separated by commas, with what stands in quotes left whole."""
    for email in ("jane@example.com, jane@example.net", 'jane@example.com,"Roe, Jane"@example.com', "jäne@exämple.com"):
        assert account.create(email=email)["email"] == email


def test_equal_entries_may_be_created(account):
    """Duplicates are no error: clients repeat every 409 and look for the oldest match themselves."""
    first, second = account.create(), account.create()
    assert first["id"] != second["id"]
    assert account.list()["result_info"]["total_count"] == 2


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_json_is_read_whatever_type_it_says_it_is(account, kind):
    """curl -d says it sends a form."""
    headers = {"content-type": kind} if kind else {}
    assert account.client.post(account.path, content=_json(PLAIN), headers=headers).status_code == 201


def test_a_key_that_stands_twice_counts_once(account):
    """The last one counts, as in every JSON reader that clients use."""
    twice = b'{"name":"first","email":"a@example.com","is_email_regex":false,"name":"second"}'
    assert account.client.post(account.path, content=twice).json()["result"]["name"] == "second"


def test_faults_of_parameters_are_named_too(account):
    """`/query/NAME`, all of them at once."""
    answer = account.client.get(
        account.path, params={"page": 0, "per_page": 1001, "order": "age", "direction": "up", "provenance": "x"}
    )
    assert answer.status_code == 400
    assert [pointer for _, pointer in errors(answer)] == [
        "/query/page", "/query/per_page", "/query/order", "/query/direction", "/query/provenance",
    ]  # fmt: skip


def _json(value) -> bytes:
    import orjson

    return orjson.dumps(value)
