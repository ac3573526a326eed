"""Sizes that the best code proves possible: what no longer fits is two things."""

from __future__ import annotations

import ast
import re
import warnings

from support.house import ROOT, SOURCE, modules, tracked_files, tree_of

MAX_FILE, LONG_FILE = 500, 350
MAX_FUNCTION = 60
MAX_PARAMETERS = 6  # besides self
# What a program has written, or what is a table; each with its reason.
GENERATED = (
    "src/sosie/likeness/tables",
    "src/sosie/registry/java_properties.py",
)


def test_files_are_short():
    """At most 500 lines; 350 is long already, and said."""
    lengths = {
        str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines())
        for file in tracked_files()
        if file.suffix == ".py" and file.is_relative_to(SOURCE)
    }
    hand_written = {name: lines for name, lines in lengths.items() if not name.startswith(GENERATED)}
    if long := {name: lines for name, lines in hand_written.items() if lines > LONG_FILE}:
        warnings.warn(f"long files: {long}", stacklevel=1)
    assert {name: lines for name, lines in hand_written.items() if lines > MAX_FILE} == {}


def _functions():
    for module, file in modules().items():
        for node in ast.walk(tree_of(file)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{module}.{node.name}", node


def test_functions_are_short():
    """At most 60 lines."""
    lengths = {name: node.end_lineno - node.lineno + 1 for name, node in _functions()}
    assert len(lengths) > 200
    assert {name: lines for name, lines in lengths.items() if lines > MAX_FUNCTION} == {}


def test_functions_have_few_parameters():
    """At most 6: more are a value that has no name yet. A command of the command line takes its options one by one."""
    many = {}
    for name, node in _functions():
        named = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        parameters = [one.arg for one in named if one.arg not in ("self", "cls")]
        if len(parameters) > MAX_PARAMETERS and not _is_command(node):
            many[name] = parameters
    assert many == {}


def _is_command(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """A command of the command line takes its options as parameters."""
    return any(re.search("option|command|argument", ast.unparse(decorator)) for decorator in node.decorator_list)
