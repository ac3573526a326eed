"""`sosie entry export`: everything that is there comes out, and goes in again elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

from cli.conftest import ACCOUNT

ENTRIES = [
    {"name": "Jane Roe", "email": "jane@example.com", "is_email_regex": False},
    {"name": '張偉, "W"\nZ', "email": "a@example.com, b@example.com", "is_email_regex": False},
    {"name": "  padded ", "email": "p@example.com", "is_email_regex": False, "provenance": None},
    {"name": "Staff", "email": r".*@example\.com", "is_email_regex": True, "comments": "x\ny", "directory_id": 2**62,
     "directory_node_id": 3, "external_directory_node_id": "e", "provenance": "SNOOPY-GOOGLE_DIRECTORY"},
]  # fmt: skip
OWN = ("id", "created_at", "modified_at", "last_modified")


def _fill(shell, entries=ENTRIES):
    shell("entry", "import", "-", "--format", "jsonl", stdin="\n".join(map(json.dumps, entries)))


def _written(entries: list[dict]) -> list[dict]:
    return [{name: value for name, value in entry.items() if name not in OWN} for entry in entries]


def test_an_export_is_imported_as_it_was(sosie, tmp_path):
    """Into another account, and out again: equal but for ids and times, in the same order."""
    _fill(
        sosie, [*ENTRIES, *({"name": f"N{n}", "email": "n@example.com", "is_email_regex": False} for n in range(4001))]
    )
    first = sosie("entry", "export").documents
    assert [list(one) for one in first] == [sorted(first[0])] * 4005
    file = tmp_path / "backup.ndjson"
    assert sosie("entry", "export", str(file), "--json").json == {
        "exported": 4005, "file": str(file), "format": "jsonl"}  # fmt: skip
    other = sosie("account", "create").lines[0]
    sosie("entry", "import", str(file), "--account", other)
    second = sosie("entry", "export", "-", "--json", "--account", other).documents
    assert _written(second) == _written(first)
    assert sosie("entry", "list", "--json", "--all", "--account", ACCOUNT).documents == first


def test_csv_comes_back_too(embedded, tmp_path):
    """Where nothing is lost in it."""
    _fill(embedded, ENTRIES[:2])
    file = tmp_path / "people.csv"
    embedded("entry", "export", str(file))
    assert file.read_bytes().startswith(b"Display_Name,Email\r\nJane Roe,jane@example.com\r\n")
    other = embedded("account", "create").lines[0]
    embedded("entry", "import", str(file), "--account", other)
    assert [(one["name"], one["email"]) for one in embedded("entry", "export", "--account", other).documents] == [
        (one["name"], one["email"]) for one in ENTRIES[:2]
    ]


def test_csv_that_would_lose_something_is_refused(embedded, tmp_path):
    """With how many entries would lose what, and without touching the file; --lossy leaves it out."""
    _fill(embedded)
    file = tmp_path / "people.csv"
    file.write_text("mine")
    ran = embedded("entry", "export", str(file), status=2)
    assert "2 entries would lose something" in ran.stderr
    assert "is_email_regex of 1 entry" in ran.stderr
    assert "name of 1 entry" in ran.stderr
    assert file.read_text() == "mine"
    lossy = embedded("entry", "export", "--format", "csv", "--lossy")
    assert r"Staff,.*@example\.com" in lossy.lines
    assert "without comments of 1 entry" in lossy.stderr


def test_a_name_like_a_formula_is_left_as_it_is_and_mentioned(embedded):
    """A spreadsheet may run it; changed, it would be another name when it comes back."""
    _fill(embedded, [{"name": "=HYPERLINK(1)", "email": "h@example.com", "is_email_regex": False}])
    ran = embedded("entry", "export", "--format", "csv")
    assert ran.lines[1] == "=HYPERLINK(1),h@example.com"
    assert "1 entry with =, +, - or @ in front" in ran.stderr


def test_a_file_is_replaced_whole_or_stays(embedded, tmp_path):
    """Nothing but the file is left in its folder; a link is followed; a device is written to, not replaced."""
    _fill(embedded, ENTRIES[:1])
    target, link = tmp_path / "target.jsonl", tmp_path / "link.jsonl"
    target.write_text("old")
    link.symlink_to(target)
    embedded("entry", "export", str(link))
    assert link.is_symlink()
    assert json.loads(target.read_text())["name"] == "Jane Roe"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["data", "link.jsonl", "target.jsonl"]
    embedded("entry", "export", "/dev/null", "--format", "jsonl")
    assert Path("/dev/null").is_char_device()


def test_a_file_that_cannot_be_written_is_an_error(sosie):
    """Said of the file, on either database."""
    _fill(sosie, ENTRIES[:1])
    assert sosie("entry", "export", "/nowhere/x.jsonl", status=2).stderr.startswith("sosie: /nowhere/")
    assert sosie("entry", "export", "/dev/full", "--format", "jsonl", status=2).stderr == (
        "sosie: No space left on device\n"
    )


def test_what_the_file_is_to_be_must_be_clear(bare_embedded):
    """A name without a known suffix, or CSV where JSON is asked for, is refused."""
    assert "say what the file is to be" in bare_embedded("entry", "export", "people.txt", status=2).stderr
    assert "exclude each other" in bare_embedded("entry", "export", "--json", "--format", "csv", status=2).stderr
