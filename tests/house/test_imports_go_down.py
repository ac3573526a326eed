"""The order of docs/architecture.md, written as a tuple of tuples, is this test."""

from __future__ import annotations

import re

import pytest

from support.house import SOURCE, imports_of, modules, room_of

# From the roof to the ground. A room imports rooms of the lines below its own; rooms of one line do not know each
# other.
ORDER = (
    ("cli",),
    ("serve", "serve_milter", "serve_milter_alone"),
    ("path_of_mail", "serving"),
    ("config",),
    ("api", "milter", "scan", "sync", "dashboard"),
    ("screening",),
    ("store", "directories"),
    ("detection",),
    ("registry", "access"),
    ("mail", "likeness", "observe"),
)
LINE = {room: number for number, line in enumerate(ORDER) for room in line}


@pytest.mark.parametrize("room", sorted(LINE))
def test_a_room_imports_only_rooms_below(room):
    """Every import counts: at the top of a file, within a function, or for types alone."""
    wrong = [
        f"{module} imports {imported}"
        for module in modules()
        if room_of(module) == room
        for imported in sorted(imports_of(module))
        if room_of(imported) not in ("", room) and LINE.get(room_of(imported), -1) <= LINE[room]
    ]
    assert wrong == []


def test_every_room_has_its_place():
    """A room that the order does not name could import anything."""
    rooms = {room_of(module) for module in modules()} - {"", "__main__"}
    assert rooms <= set(LINE)
    assert (SOURCE / "cli").is_dir(), "the test looks at the right folder"


def test_the_document_draws_every_room():
    """Who reads it before the code misses none."""
    drawn = (SOURCE.parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8").split("```")[1]
    rooms = {folder.name for folder in SOURCE.iterdir() if (folder / "__init__.py").exists()}
    assert sorted(room for room in rooms if f"\n  {room}/ " not in drawn) == []


def test_the_package_itself_imports_nothing():
    """Whoever wants the version gets the version, and not the house."""
    assert imports_of("sosie") == set()


def test_no_modules_import_each_other_in_a_circle():
    """Within a room too, one file can be read after the other; an import within a function is read when it runs."""
    done: set[str] = set()

    def follow(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " -> ".join((*path[path.index(module) :], module))
        if module in done:
            return
        for imported in sorted(imports_of(module, late=False) - {module.rpartition(".")[0]}):
            follow(imported, (*path, module))
        done.add(module)

    for module in modules():
        follow(module, ())


def test_the_sql_is_in_one_room():
    """No other room names a driver of a database."""
    drivers = ("import sqlite3", "import asyncpg", "from sqlite3", "from asyncpg")
    wrong = [
        module
        for module, file in modules().items()
        if room_of(module) != "store" and any(driver in file.read_text(encoding="utf-8") for driver in drivers)
    ]
    assert wrong == []


def test_nothing_below_the_settings_reads_the_environment():
    """Settings are read in config.py and passed down."""
    wrong = [
        module
        for module, file in modules().items()
        if LINE.get(room_of(module), 0) > LINE["config"]
        and re.search(r"os\.environ|getenv", file.read_text(encoding="utf-8"))
    ]
    assert wrong == ["sosie.observe.metrics"]  # it tells the library of the metrics the one way that library knows
