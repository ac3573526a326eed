"""Fixtures of the scan."""

from __future__ import annotations

import pytest

from scan.scanner import REGISTRY, Scanner


@pytest.fixture
def scan(tmp_path) -> Scanner:
    """The real program, with a registry."""
    registry = tmp_path / "people.csv"
    registry.write_text(REGISTRY, encoding="utf-8")
    return Scanner(registry)


@pytest.fixture
def mail(tmp_path):
    """An empty folder for mail."""
    folder = tmp_path / "mail"
    folder.mkdir()
    return folder
