"""What a user can meet stands in docs/: an undocumented setting, error, route or metric does not exist."""

from __future__ import annotations

import re

import pytest

from sosie.api.errors import ERRORS, INTERNAL, KEY_UNKNOWN
from sosie.api.table import ROUTES
from sosie.cli.main import COMMANDS
from sosie.config import SETTINGS
from sosie.observe.metrics import Metrics
from support.house import ROOT

DOCS = ROOT / "docs"
ADMIN_PATHS = ("/metrics", "/livez", "/readyz")


def _page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.variable)
def test_every_setting_stands_in_configuration(setting):
    """By its name, with its default."""
    line = next((line for line in _page("configuration.md").splitlines() if f"`{setting.variable}`" in line), "")
    assert line, f"docs/configuration.md does not name {setting.variable}"
    assert setting.default in line


@pytest.mark.parametrize("code", sorted({row.code for row in (*ERRORS, INTERNAL)} | {KEY_UNKNOWN.code}))
def test_every_error_code_stands_in_errors(code):
    """By its number."""
    assert re.search(rf"(?<!\d){code}(?!\d)", _page("errors.md"))


@pytest.mark.parametrize("path", sorted({route.path for route in ROUTES}))
def test_every_route_stands_in_api(path):
    """By its path."""
    assert path in _page("api.md")


@pytest.mark.parametrize("path", ADMIN_PATHS)
def test_every_admin_page_is_documented(path):
    """By its path, on some page."""
    assert any(path in file.read_text(encoding="utf-8") for file in DOCS.glob("*.md"))


def test_every_metric_stands_in_metrics():
    """By the name under which it is asked for."""
    page = _page("metrics.md")
    names = re.findall(r"^# TYPE (\w+) ", Metrics().text().decode(), re.MULTILINE)
    assert len(names) > 5
    assert [name for name in names if name not in page and not name.endswith("_created")] == []


def test_every_command_is_documented():
    """By what is typed, on some page."""
    pages = "\n".join(file.read_text(encoding="utf-8") for file in (*DOCS.glob("*.md"), ROOT / "README.md"))
    assert [name for name in COMMANDS if f"sosie {name}" not in pages] == []


def test_links_between_pages_lead_somewhere():
    """A link to a file of the project names one that is there."""
    broken = []
    for file in (*ROOT.glob("*.md"), *DOCS.rglob("*.md")):
        for target in re.findall(r"\]\(([^)\s]+)\)", file.read_text(encoding="utf-8")):
            path = target.partition("#")[0]
            if path and not re.match(r"[a-z]+:", path) and not (file.parent / path).exists():
                broken.append(f"{file.relative_to(ROOT)}: {target}")
    assert broken == []
