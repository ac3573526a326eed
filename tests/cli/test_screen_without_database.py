"""`sosie screen --registry`: anyone can judge their own mail with a file of names, and no database."""

from __future__ import annotations

import json
import os
import time

import pytest

from sosie.cli.exit_status import DONE, FAILED, PARTLY

CSV = 'Display_Name,Email\r\nJane Roe,"jane.roe@example.com, jane@roe.example"\r\nJohn Doe,john.doe@example.com\r\n'
FORGED = "From: Jane Roe <jane.roe.ceo@gmail.example>\r\nMessage-ID: <1@mail.example>\r\n\r\nAre you there?\r\n"
HONEST = "From: Jane Roe <jane@roe.example>\r\nMessage-ID: <2@mail.example>\r\n\r\nSee you at noon.\r\n"


@pytest.fixture
def place(tmp_path):
    """A folder with a registry, a forged letter and an honest one."""
    (tmp_path / "people.csv").write_text(CSV, encoding="utf-8", newline="")
    (tmp_path / "forged.eml").write_text(FORGED, newline="")
    (tmp_path / "honest.eml").write_text(HONEST, newline="")
    return tmp_path


def registry(place, name="people.csv"):
    return ("screen", "--registry", str(place / name), "--json")


def test_the_registry_is_a_csv(bare_embedded, place):
    """Each message is a line with source, message_id, disposition, score and findings; nothing is created."""
    files = [str(place / name) for name in ("forged.eml", "honest.eml")]
    forged, honest = bare_embedded(*registry(place), *files, status=PARTLY).documents
    assert set(forged) == {"source", "message_id", "disposition", "score", "findings", "exemptions", "alert"}
    assert (forged["source"], forged["message_id"]) == (files[0], "<1@mail.example>")
    assert forged["disposition"] != "NONE"
    assert "Jane Roe" in forged["findings"][0]["reason"]
    assert (honest["source"], honest["disposition"], honest["findings"]) == (files[1], "NONE", [])
    assert not (place / "data").exists()


def test_the_registry_is_what_entry_export_wrote(filled, place):
    """JSON lines, in a file of any name."""
    entry = {"name": "Jane Roe", "email": r"jane(\.roe)?@example\.com", "is_email_regex": True}
    (place / "people").write_text(json.dumps(entry) + "\n", encoding="utf-8")
    (place / "pattern.eml").write_text("From: Jane Roe <jane@example.com>\n\n")
    exported = filled("entry", "export").stdout
    (place / "exported.jsonl").write_text(exported, encoding="utf-8")
    filled(*registry(place, "people"), str(place / "pattern.eml"), status=DONE)
    filled(*registry(place, "people"), str(place / "forged.eml"), status=PARTLY)
    filled(*registry(place, "exported.jsonl"), str(place / "honest.eml"), status=DONE)


def test_rows_of_one_name_are_addresses_of_one_name(bare_embedded, place):
    """Whoever has a second row has a second address; so has a namesake."""
    (place / "people.csv").write_text("Display_Name,Email\nJane Roe,a@example.com\nJane Roe,jane@roe.example\n")
    bare_embedded(*registry(place), str(place / "honest.eml"), status=DONE)
    bare_embedded(*registry(place), str(place / "forged.eml"), status=PARTLY)


def test_what_is_no_message_does_not_stop_the_others(bare_embedded, place):
    """It is named on standard error, and the status says that something was wrong."""
    (place / "empty.eml").write_bytes(b"")
    names = ("empty.eml", "missing.eml", "honest.eml", "forged.eml")
    ran = bare_embedded(*registry(place), *(str(place / name) for name in names), status=FAILED)
    assert [document["disposition"] == "NONE" for document in ran.documents] == [True, False]
    assert "empty.eml: there is no header field" in ran.stderr
    assert "missing.eml: No such file" in ran.stderr


def test_a_file_names_the_files(bare_embedded, place):
    """As many as one likes, one a line, of any name that the file system knows; or standard input does."""
    odd = os.fsencode(place) + b"/caf\xe9 letter.eml"
    os.link(place / "forged.eml", odd)
    named = b"\n".join([odd, b"", os.fsencode(place / "honest.eml"), b""])
    (place / "names").write_bytes(named)
    for from_where, stdin in ((str(place / "names"), b""), ("-", named)):
        ran = bare_embedded(*registry(place), "--files-from", from_where, status=PARTLY, stdin=stdin)
        first, second = ran.documents
        assert first["source"].endswith("letter.eml")
        assert (first["disposition"] == "NONE", second["disposition"]) == (False, "NONE")


def test_a_bad_row_protects_nobody_and_is_said(bare_embedded, place):
    """The others protect."""
    with (place / "people.csv").open("a") as stream:
        stream.write("Nobody,nowhere\r\n")
    ran = bare_embedded(*registry(place), str(place / "forged.eml"), status=PARTLY)
    assert "people.csv:4: email 'nowhere' is not an email address" in ran.stderr
    assert "1 of 3 rows" in ran.stderr


def test_a_file_that_is_no_registry_is_an_error(bare_embedded, place):
    """Said in one line, before anything is judged."""
    for name, text, reason in (("a.csv", "Name;Mail\n", "must be Display_Name,Email"), ("b.csv", "", "is empty")):
        (place / name).write_text(text)
        ran = bare_embedded(*registry(place, name), str(place / "honest.eml"), status=FAILED)
        assert reason in ran.stderr
        assert ran.stdout == ""
    ran = bare_embedded(*registry(place, "none.csv"), str(place / "honest.eml"), status=FAILED)
    assert "none.csv" in ran.stderr


@pytest.mark.parametrize(
    "trusted",
    [("mx.example.com",), ("MX.Example.com",), ("mx2.example,mx.example.com",), ("mx2.example", " mx.example.com ")],
)
def test_a_host_that_is_named_is_believed(bare_embedded, place, trusted):
    """In any case, and among others; also where they are written as SOSIE_AUTHSERV_IDS takes them."""
    forged = (
        "Authentication-Results: mx.example.com; dmarc=fail header.from=example.com\nFrom: jane.roe@example.com\n\n"
    )
    (place / "forged.eml").write_text(forged)
    options = [part for name in trusted for part in ("--authserv-id", name)]
    bare_embedded(*registry(place), *options, str(place / "forged.eml"), status=PARTLY)
    bare_embedded(*registry(place), "--authserv-id", "mx2.example", str(place / "forged.eml"), status=DONE)


def test_the_history_is_read_and_a_bad_line_is_named(bare_embedded, place):
    """By its number."""
    good = {"name": "Jane Roe", "address": "jane@roe.example", "messages": 3, "authenticated": True}
    (place / "history.jsonl").write_text(json.dumps(good) + "\n")
    history = ("--history", str(place / "history.jsonl"), "--authserv-id", "mx.example", "--authserv-id", "mx2.example")
    bare_embedded(*registry(place), *history, str(place / "honest.eml"), status=DONE)
    (place / "history.jsonl").write_text(json.dumps(good) + "\nnot JSON\n")
    ran = bare_embedded(*registry(place), *history, str(place / "honest.eml"), status=FAILED)
    assert "history.jsonl:2: the line is not JSON" in ran.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--registry", "-", "-"),
        ("--registry", "people.csv"),
        ("--history", "history.jsonl", "letter.eml"),
    ],
)
def test_what_cannot_be_meant_is_refused(bare_embedded, arguments):
    """Nothing to judge, standard input twice, or a history without a registry."""
    assert "Try `sosie screen --help`" in bare_embedded("screen", *arguments, status=FAILED).stderr


def test_thousands_of_files_take_one_start(bare_embedded, place):
    """Three thousand letters and a thousand entries: within seconds, and not within minutes."""
    people = "".join(f"Person Number{number},person{number}@example.com\n" for number in range(1000))
    (place / "people.csv").write_text("Display_Name,Email\n" + people)
    names = []
    for number in range(3000):
        names.append(str(place / f"{number}.eml"))
        with open(names[-1], "w") as stream:  # noqa: PTH123 - three thousand Path objects are what takes the time
            stream.write(
                f"From: Person Number{number} <person{number}@example.com>\nMessage-ID: <{number}@x.example>\n\n"
            )
    began = time.monotonic()
    ran = bare_embedded(*registry(place), "--files-from", "-", stdin="\n".join(names))
    assert len(ran.documents) == 3000
    assert time.monotonic() - began < 20
