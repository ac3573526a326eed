"""Every answer is the v4 envelope."""

from __future__ import annotations

from .account import PLAIN


def test_a_success_holds_errors_messages_result_and_success(account):
    """Four keys, in alphabetical order, as in the answers of the service that clients were made for."""
    answer = account.client.post(account.path, json=PLAIN)
    document = answer.json()
    assert list(document) == ["errors", "messages", "result", "success"]
    assert (document["errors"], document["messages"], document["success"]) == ([], [], True)
    assert answer.headers["content-type"] == "application/json; charset=UTF-8"


def test_a_list_adds_result_info(account):
    """`result_info` stands in lists and nowhere else."""
    entry = account.create()
    document = account.list()
    assert list(document) == ["errors", "messages", "result", "result_info", "success"]
    assert document["result_info"] == {"count": 1, "page": 1, "per_page": 20, "total_count": 1, "total_pages": 1}
    assert "result_info" not in account.get(entry["id"]).json()


def test_an_entry_shows_every_key_in_alphabetical_order(account):
    """Unset fields are null, not absent; last_modified, which is deprecated, has the value of modified_at."""
    entry = account.create()
    assert list(entry) == [
        "comments", "created_at", "directory_id", "directory_node_id", "email", "external_directory_node_id", "id",
        "is_email_regex", "last_modified", "modified_at", "name", "provenance",
    ]  # fmt: skip
    unset = ("comments", "directory_id", "directory_node_id", "external_directory_node_id")
    assert [entry[name] for name in unset] == [None] * 4
    assert entry["provenance"] == "A1S_INTERNAL"
    assert entry["last_modified"] == entry["modified_at"] == entry["created_at"]


def test_times_are_utc_with_six_digits(account):
    """`2025-04-10T18:27:34.872907Z`."""
    entry = account.create()
    assert len(entry["created_at"]) == 27
    assert entry["created_at"][19] == "."
    assert entry["created_at"].endswith("Z")


def test_a_failure_holds_all_four_keys(account):
    """A failure has at least one error, each with a number of 1000 or more and a message."""
    document = account.get("f174e90a-fafe-4643-bbbc-4a0ed4fc8415").json()
    assert sorted(document) == ["errors", "messages", "result", "success"]
    assert document["result"] is None
    assert document["success"] is False
    assert all(error["code"] >= 1000 and error["message"] for error in document["errors"])


def test_an_answer_names_its_request(account):
    """The id that the client sent, where it is one; else an id of ours."""
    given = account.client.get(account.path, headers={"X-Request-Id": "abc-123"})
    assert given.headers["x-request-id"] == "abc-123"
    for strange in ("a b", "x" * 65, '"', "<script>"):
        made = account.client.get(account.path, headers={"X-Request-Id": strange})
        assert made.headers["x-request-id"] != strange
        assert len(made.headers["x-request-id"]) <= 64
