"""`sosie history`: learn, list, export, import, prune and forget."""

from __future__ import annotations

import json

import pytest

JANE = {"name": "Jane Roe", "address": "jane@example.com", "messages": 2, "authenticated": 2,
        "first_seen": "2025-04-10T18:27:34Z", "last_seen": "2026-07-01T05:20:00Z", "sent": 0}  # fmt: skip
JOHN = {**JANE, "name": "", "address": "john@example.net", "authenticated": 0, "last_seen": "2025-04-10T18:27:34Z"}
LETTER = """Received: from a.example by mx.example.org; Wed, 1 Jul 2026 07:20:00 +0200
Authentication-Results: mx.example.org; dmarc={result} header.from=example.com
From: Jane Roe <jane@example.com>
To: Ann <ann@example.org>, bob@example.org
Subject: Lunch

"""


def _lines(*documents) -> str:
    return "".join(json.dumps(document) + "\n" for document in documents)


def _write(folder, name, text):
    file = folder / name
    file.write_text(text.replace("\n", "\r\n"))
    return str(file)


def test_messages_are_learnt_from(sosie, tmp_path):
    """Received ones count as authenticated where the trusted host says so; sent ones teach whom we wrote to."""
    good = _write(tmp_path, "good.eml", LETTER.format(result="pass"))
    bad = _write(tmp_path, "bad.eml", LETTER.format(result="fail"))
    ran = sosie("history", "learn", good, bad, "--authserv-id", "mx.one.example, MX.Example.org")
    assert ran.stderr == "2 messages (1 authenticated) taught 1 pair of name and address\n"
    told = sosie("history", "learn", good, bad, "--sent", "--json").json
    assert (told["messages"], told["pairs"], told["unreadable"]) == (2, 2, 0)
    moments = {"first_seen": "2026-07-01T05:20:00Z", "last_seen": "2026-07-01T05:20:00Z"}
    assert sosie("history", "export").documents == [
        {**JANE, "name": "Ann", "address": "ann@example.org", "messages": 0, "authenticated": 0, "sent": 2, **moments},
        {**JANE, "name": "", "address": "bob@example.org", "messages": 0, "authenticated": 0, "sent": 2, **moments},
        {**JANE, "authenticated": 1, **moments},
    ]


def test_nobody_is_believed_who_is_not_named(embedded, tmp_path):
    """Without --authserv-id there is nothing to learn from received mail; another host's results are only claims."""
    file = _write(tmp_path, "letter.eml", LETTER.format(result="pass"))
    assert "--authserv-id" in embedded("history", "learn", file, status=2).stderr
    told = embedded("history", "learn", file, "--authserv-id", "mx.other.example", "--json").json
    assert (told["pairs"], told["authenticated"]) == (1, 0)


def test_a_file_that_cannot_be_read_does_not_stop_the_others(embedded, tmp_path):
    """It is named, and the status is 1. Bytes that are no message teach nothing. A letter may come by a pipe."""
    ran = embedded("history", "learn", "nowhere.eml", "-", "--authserv-id", "mx.example.org", status=1,
                   stdin=LETTER.format(result="pass"))  # fmt: skip
    assert "nowhere.eml: No such file or directory" in ran.stderr
    assert "1 message (1 authenticated) taught 1 pair" in ran.stderr
    assert "taught 0 pairs" in embedded("history", "learn", "-", "--authserv-id", "x", stdin=b"\0\xff").stderr


def test_nobody_has_written_tomorrow(embedded):
    """A date in the future is taken for now, so that nothing stays new for ever."""
    letter = "Date: Wed, 1 Jul 2099 07:20:00 +0000\n" + LETTER.partition("\n")[2].format(result="pass")
    embedded("history", "learn", "-", "--authserv-id", "mx.example.org", stdin=letter)
    (one,) = embedded("history", "export").documents
    assert one["last_seen"] < "2099"


def test_what_is_exported_is_imported(sosie):
    """The same again; imported twice, it counts twice."""
    sosie("history", "import", "-", stdin=_lines(JANE, JOHN))
    exported = sosie("history", "export")
    assert exported.documents == [JANE, JOHN]
    assert exported.stderr == "2 pairs of name and address exported\n"
    assert sosie("history", "import", "-", "--json", stdin=exported.stdout).json["added"] == 2
    assert [one["messages"] for one in sosie("history", "export").documents] == [4, 4]


def test_one_bad_line_and_nothing_is_taken(embedded, tmp_path):
    """It is named; --keep-going takes the others and ends with status 1."""
    file = tmp_path / "history.jsonl"
    file.write_text(_lines(JANE, {"name": "x"}, JOHN))
    ran = embedded("history", "import", str(file), status=2)
    assert ran.stderr.splitlines() == [
        f"{file}:2: address must not be blank",
        "sosie: 1 line of 3 cannot be taken, so none was taken (--keep-going takes the others)",
    ]
    assert embedded("history", "export").documents == []
    told = embedded("history", "import", str(file), "--keep-going", "--json", status=1).json
    assert (told["added"], told["refused"]) == (2, [{"fault": "address must not be blank", "line": 2}])


def test_a_file_of_more_than_is_kept_is_refused(embedded):
    """Before anything is written."""
    line = '{"address": "a@b.example"}\n'
    assert "at most 250,000 pairs" in embedded("history", "import", "-", stdin=line * 250_001, status=2).stderr
    assert embedded("history", "import", "-", "--json", stdin=line * 250_000).json["added"] == 1


def test_what_is_known_is_listed(sosie):
    """Those seen last first, or those of a name or an address in any spelling."""
    sosie("history", "import", "-", stdin=_lines(JOHN, JANE))
    ran = sosie("history", "list")
    assert [line.split()[-5:] for line in ran.lines[1:]] == [
        ["2", "2", "0", "2025-04-10", "2026-07-01"],
        ["2", "0", "0", "2025-04-10", "2025-04-10"],
    ]
    assert ran.stderr == "2 of 2 pairs of name and address\n"
    for wanted, found in (("JANE roe", [JANE]), ("John@EXAMPLE.net", [JOHN]), ("Nobody", [])):
        assert sosie("history", "list", wanted, "--json").documents == found
    assert sosie("history", "list", "--limit", "1", "--json").documents == [JANE]


def test_who_is_forgotten_leaves_no_trace(sosie):
    """Neither in the history nor in the audit, which keeps that it was done; the status tells of nobody there."""
    sosie("history", "import", "-", stdin=_lines(JANE, JOHN))
    assert sosie("history", "forget", "jane roe").stderr == "1 pair of name and address removed\n"
    assert sosie("history", "forget", "john@example.net", "--json").json == {"removed": 1}
    assert sosie("history", "forget", "john@example.net", status=1).stderr == "0 pairs of name and address removed\n"
    records = sosie("audit", "--json").documents
    assert [(one["action"], one["after"]) for one in records[:-1]] == [
        ("history.forget", {"pairs": 1}),
        ("history.forget", {"pairs": 1}),
        ("history.import", {"pairs": 2}),
    ]
    assert "jane" not in json.dumps(records).lower()


def test_what_is_old_is_pruned(embedded):
    """So many days after it was seen last."""
    undated = {**JOHN, "first_seen": None, "last_seen": None}
    late = {**JOHN, "name": "late", "last_seen": "9999-01-01T00:00:00Z"}
    embedded("history", "import", "-", stdin=_lines(JANE, undated, late))
    assert embedded("history", "prune", "--older-than", "36500", "--json").json == {"removed": 0}
    embedded("history", "import", "-", stdin=_lines({**JOHN, "name": "old", "first_seen": 0, "last_seen": 1}))
    assert embedded("history", "prune", "--older-than", "10000", "--json").json == {"removed": 1}
    assert len(embedded("history", "export").documents) == 3


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["learn", "--authserv-id", "x"], "Missing argument 'FILE...'"),
        (["prune"], "Missing option '--older-than'"),
        (["prune", "--older-than", "0"], "Invalid value for '--older-than'"),
        (["import", "nowhere.jsonl"], "nowhere.jsonl: No such file or directory"),
    ],
)
def test_a_mistake_is_told_in_one_line(embedded, arguments, reason):
    """With status 2."""
    assert embedded("history", *arguments, status=2).stderr.startswith(f"sosie: {reason}")
