"""What the tests of the house look at: its files, and who imports whom."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "sosie"
_OURS = re.compile(r"sosie(\.\w+)+(:\w+)?")


@cache
def modules() -> dict[str, Path]:
    """Every module of sosie: dotted name -> file."""
    found = {}
    for file in sorted(SOURCE.rglob("*.py")):
        parts = file.relative_to(SOURCE.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), str(file))


def room_of(module: str) -> str:
    """The part of the house that a module is in; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


def imports_of(module: str, *, late: bool = True) -> set[str]:
    """The modules of sosie that this one names in any import: at the top, for types alone, and, being `late`, within a
    function or as text."""
    known = modules()
    package = module if known[module].name == "__init__.py" else module.rpartition(".")[0]
    found = set()
    for named in _named(tree_of(known[module]), package, late=late):
        name = named
        while name and name not in known:
            name = name.rpartition(".")[0]  # an attribute of a module
        if name and name != module:
            found.add(name)
    return found


def _named(tree: ast.Module, package: str, *, late: bool) -> Iterator[str]:
    for node in ast.walk(tree) if late else _walk_at_import(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            source = ".".join([*above, node.module] if node.module else above)
            yield from (f"{source}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _OURS.fullmatch(node.value):
            yield node.value.partition(":")[0]


def _walk_at_import(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Constant):
            yield child
            yield from _walk_at_import(child)


@cache
def tracked_files() -> tuple[Path, ...]:
    """The files that belong to the project: those that git knows or would add; without git, all but what is built."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        ignored = {".git", ".venv", "node_modules", "__pycache__", ".ruff_cache", ".mypy_cache", ".pytest_cache"}
        every = (file.relative_to(ROOT) for file in ROOT.rglob("*") if file.is_file())
        names = [str(file) for file in every if not ignored & set(file.parts)]
    return tuple(ROOT / name for name in sorted(set(names)) if name and (ROOT / name).is_file())


def text_of(file: Path) -> str | None:
    """The text of a file; None for one that holds something else."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None
