"""The registry's resource over HTTP, on both databases."""

from __future__ import annotations


def test_an_entry_is_created_read_edited_and_deleted(client, registry):
    """What is created is answered whole, found again, changed field by field, and gone after its deletion."""
    made = client.post(registry, json={"name": "Jane Roe", "email": "jane@example.com", "is_email_regex": False})
    assert made.status_code == 201
    entry = made.json()["result"]
    assert entry["provenance"] == "A1S_INTERNAL"
    assert list(entry) == sorted(entry)
    assert client.get(f"{registry}/{entry['id']}").json()["result"] == entry
    edited = client.patch(f"{registry}/{entry['id']}", json={"comments": "CEO"}).json()["result"]
    assert edited["comments"] == "CEO"
    assert edited["name"] == "Jane Roe"
    assert edited["created_at"] == entry["created_at"]
    assert edited["modified_at"] > entry["modified_at"]
    assert client.delete(f"{registry}/{entry['id']}").json()["result"] == {"id": entry["id"]}
    gone = client.get(f"{registry}/{entry['id']}")
    assert gone.status_code == 404
    assert gone.json()["errors"][0]["code"] == 1002
