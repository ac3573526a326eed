"""docs/patterns.md says what is so: every construct in its tables is tried."""

import re
from pathlib import Path

import pytest

from sosie.registry.java_pattern import MAX_PATTERN_BYTES, PatternError, compile_pattern
from sosie.registry.java_pattern_characters import MAX_WIDE_RANGES
from sosie.registry.java_pattern_syntax import MAX_DEPTH, MAX_REPEATS, MAX_WEIGHT

PAGE = (Path(__file__).parents[2] / "docs" / "patterns.md").read_text(encoding="utf-8")


def rows(section: str) -> list[list[list[str]]]:
    """The tables of a section: for each row, for each cell, what stands in it as code."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    assert lines
    return [[code_in(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def code_in(cell: str) -> list[str]:
    return [code.replace("\\|", "|") for code in re.findall("`([^`]+)`", cell)]


@pytest.mark.parametrize("construct", [code for row in rows("What is taken") for code in row[0]])
def test_what_is_taken(construct: str) -> None:
    """Every construct that the page calls taken is taken."""
    assert compile_pattern(construct)


@pytest.mark.parametrize("construct", [code for row in rows("What is refused") for code in row[0]])
def test_what_is_refused(construct: str) -> None:
    """Every construct that the page calls refused is refused."""
    with pytest.raises(PatternError):
        compile_pattern(construct)


@pytest.mark.parametrize("construct", [code for row in rows("What is refused") for code in row[2]])
def test_what_to_write_instead(construct: str) -> None:
    """Every construct that the page advises is taken."""
    assert compile_pattern(construct)


def test_the_examples() -> None:
    """The example patterns match the addresses that the page says, and not the others."""
    for (pattern,), yes, no in rows("What a pattern matches"):
        compiled = compile_pattern(pattern)
        assert [address for address in yes + no if compiled.matches(address)] == yes


def test_the_limits() -> None:
    """The limits are those of the code."""
    limits = PAGE.partition("\n## Limits\n")[2]
    for value in (f"{MAX_PATTERN_BYTES // 1024} KiB", f"{MAX_WEIGHT:,} ", f"{MAX_REPEATS:,} ", f"{MAX_DEPTH} deep"):
        assert value in limits
    assert f"| {MAX_WIDE_RANGES} |" in limits
