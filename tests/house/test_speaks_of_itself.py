"""The project speaks of itself: nothing in it depends on the place where it was written."""

from __future__ import annotations

import re

from support.house import ROOT, text_of, tracked_files

# Written so that this file does not find itself.
WORKPLACES = re.compile(r"(?<![\w.])/(?:work|home|root|Users)/\w")
REGISTRIES = re.compile(
    r"pypi\.(?:org|python)|files\.python" r"hosted|registry\.npm" r"js|registry\.yarn" r"pkg|proxy\.golang|"
    r"sum\.golang|crates\.io|repo1?\.maven|rubygems\.org",
)  # fmt: skip
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X{3})\b")


def _lines_with(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:120]}"
        for file in tracked_files()
        for number, line in enumerate((text_of(file) or "").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_path_of_a_workplace():
    """Another machine has other folders."""
    assert _lines_with(WORKPLACES) == []


def test_no_package_registry_by_name():
    """Where packages come from is the business of whoever installs them."""
    assert _lines_with(REGISTRIES) == []


def test_nothing_is_left_to_do():
    """What is not done is in the list of issues, or is not."""
    assert [line for line in _lines_with(UNFINISHED) if not line.startswith("pyproject.toml:")] == []
