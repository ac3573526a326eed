"""A command starts fast: what it does not need is not imported."""

from __future__ import annotations

import resource
import subprocess
import sys

import pytest

from support.server import SOSIE

HEAVY = ("asyncpg", "uvloop", "uvicorn", "prometheus_client", "jinja2", "httptools")
SECONDS = 0.15  # of the processor, for `sosie --help`: what a person does not notice


@pytest.mark.parametrize("command", [["entry", "list"], ["token", "list"]])
def test_commands_on_the_embedded_database_load_nothing_heavy(filled, command):
    """Neither the server nor the client of PostgreSQL."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", SOSIE, *command], env=filled.environment, capture_output=True, check=True
    )
    loaded = {line.rpartition(b"|")[2].strip().decode().partition(".")[0] for line in done.stderr.splitlines()}
    assert "sosie" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_help_loads_no_command(bare_embedded):
    """And takes no noticeable time."""
    spent = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        bare_embedded("--help")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(spent) < SECONDS


# What judges by the registry of a file has no database, and no need of tables for other names than it meets.
UNUSED = (
    "sosie.store.accounts", "sosie.store.sqlite", "sosie.api", "sosie.screening.reading", "sosie.screening.following",
    "sosie.registry.java_pattern", "sosie.registry.java_properties", "sosie.likeness.tables.confusables",
    "sosie.registry.entry", "sosie.registry.allow_policies", "sosie.registry.trusted_domain", "sosie.store.database",
    "sosie.likeness.greek", "sosie.likeness.indic", "sosie.screening.standalone",
    "asyncio", "sqlite3", "re2", "anyascii", "publicsuffixlist", "nicknames", "ssl",
    "hashlib",
)  # fmt: skip


@pytest.fixture
def place(tmp_path):
    """A folder with a registry and a letter."""
    rows = (f"Jane Roe{'abcdefghij'[n % 10] * 4} Vargapell{n},jane{n}@example.com\n" for n in range(200))
    (tmp_path / "people.csv").write_text("Display_Name,Email\n" + "".join(rows), encoding="utf-8")
    (tmp_path / "letter.eml").write_text("From: Jane Roe <jane@roe.example>\nSubject: Noon\n\nAre you there?\n")
    return tmp_path


@pytest.mark.parametrize("command", ["screen", "scan"])
def test_judging_by_a_file_loads_neither_a_database_nor_tables_of_other_scripts(bare_embedded, place, command):
    """Nor what reads the registry, the second time."""
    given = (command, "--registry", str(place / "people.csv"), str(place / "letter.eml"))
    bare_embedded(*given, SOSIE_SNAPSHOT_DIR=str(place / "kept"))
    done = subprocess.run(
        [sys.executable, "-X", "importtime", SOSIE, *given],
        env={**bare_embedded.environment, "SOSIE_SNAPSHOT_DIR": str(place / "kept")},
        capture_output=True,
        check=True,
    )
    loaded = {line.rpartition(b"|")[2].strip().decode() for line in done.stderr.splitlines()}
    assert "sosie.detection.index" in loaded
    assert loaded & {*UNUSED, *HEAVY, "sosie.cli.entry_files"} == set()


def test_the_second_start_answers_as_the_first(bare_embedded, place):
    """By the index that the first has kept; a changed registry has one of its own."""
    forged = place / "forged.eml"
    forged.write_text("From: Jane Roeaaaa Vargapell0 <x@gmail.example>\n\nAre you there?\n")
    given = ("screen", "--json", "--registry", str(place / "people.csv"), str(forged), str(place / "letter.eml"))
    kept = {"SOSIE_SNAPSHOT_DIR": str(place / "kept")}
    first = bare_embedded(*given, status=1, **kept).stdout
    assert len(list((place / "kept").iterdir())) == 1
    assert bare_embedded(*given, status=1, **kept).stdout == first
    with (place / "people.csv").open("a") as stream:
        stream.write("Jane Roe,jane@roe-mills.example\n")
    changed = bare_embedded(*given, status=1, **kept)
    assert [document["disposition"] != "NONE" for document in changed.documents] == [True, True]
    assert len(list((place / "kept").iterdir())) == 2


def test_bad_rows_are_told_at_every_start(bare_embedded, place):
    """Nothing is kept of a registry that has any."""
    with (place / "people.csv").open("a") as stream:
        stream.write("Nobody,nowhere\n")
    for _ in range(2):
        ran = bare_embedded(
            "screen", "--registry", str(place / "people.csv"), str(place / "letter.eml"),
            SOSIE_SNAPSHOT_DIR=str(place / "kept"),
        )  # fmt: skip
        assert "people.csv:202: email 'nowhere' is not an email address" in ran.stderr


COUNTED = """
import atexit, gc, sys
from sosie.cli.main import main
def count():
    return sum(generation["collections"] for generation in gc.get_stats())
before = count()
atexit.register(lambda: print(count() - before, gc.isenabled(), file=sys.stderr))
main()
"""


@pytest.mark.parametrize("command", [["scan", "--registry", "people.csv", "letter.eml"], ["account", "list"]])
def test_nothing_is_collected_while_a_command_is_imported(filled, place, command):
    """What is imported stays, and looking through it again and again takes a twentieth of a start; afterwards
    collections go on."""
    ran = subprocess.run(
        [sys.executable, "-c", COUNTED, *command], env=filled.environment, cwd=place, capture_output=True, check=True
    )
    collections, goes_on = ran.stderr.decode().split()[-2:]
    assert int(collections) <= 3
    assert goes_on == "True"
