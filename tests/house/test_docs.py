"""What a user can meet stands in docs/: an undocumented setting, error, route or metric does not exist."""

from __future__ import annotations

import re

import pytest

from sosie.api.errors import ERRORS, INTERNAL, KEY_UNKNOWN
from sosie.api.table import ROUTES
from sosie.cli.group import COMMANDS
from sosie.config import SETTINGS
from sosie.detection.examine import TECHNIQUES
from sosie.detection.signs import AGAINST, WEIGHTS
from sosie.detection.verdict import DISPOSITIONS, SPOOF_THRESHOLDS, THRESHOLDS
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


PARTS = ("What it finds", "What it leaves alone, and why", "What it misses", "What it weighs", "When it is wrong")


@pytest.mark.parametrize("technique", TECHNIQUES, ids=lambda technique: technique.NAME)
def test_every_technique_has_its_page(technique):
    """With an example, what it finds, leaves alone, misses and weighs, and what to do when it is wrong."""
    page = _page(f"techniques/{technique.NAME}.md")
    assert f"`{technique.NAME}`" in page
    assert "\n```\n" in page.partition("## ")[0]
    assert [part for part in PARTS if f"\n## {part}\n" not in page] == []
    assert f"({technique.NAME}.md)" in _page("techniques/README.md")


def test_pages_of_techniques_are_of_techniques():
    """What no longer is has no page."""
    pages = {file.stem for file in (DOCS / "techniques").glob("*.md")}
    assert pages == {technique.NAME for technique in TECHNIQUES} | {"README", "verdict"}


def _weights_in(page: str) -> set[tuple[str, str]]:
    """The signs that a page's tables name, each with its weight as it stands there."""
    return set(re.findall(r"^\| ([^|]+) \| ((?:× )?0\.\d\d) \|", page, re.MULTILINE))


WEIGHED = {(name, f"{weight:.2f}") for name, weight in WEIGHTS.items()} | {
    (name, f"× {factor:.2f}") for name, factor in AGAINST.items()
}


def test_every_sign_stands_in_verdict():
    """With its weight; and no other one does."""
    assert _weights_in(_page("techniques/verdict.md")) == WEIGHED


@pytest.mark.parametrize("technique", TECHNIQUES, ids=lambda technique: technique.NAME)
def test_a_technique_tells_what_it_weighs(technique):
    """At least one sign, and each with the weight that it has."""
    weights = _weights_in(_page(f"techniques/{technique.NAME}.md"))
    assert weights
    assert weights - WEIGHED == set()


def test_every_threshold_stands_in_verdict():
    """Each table in its order, and what every disposition means."""
    page = _page("techniques/verdict.md")
    for thresholds in (THRESHOLDS, SPOOF_THRESHOLDS):
        assert "\n".join(f"| {least:.2f} | `{disposition}` |" for least, disposition in thresholds) + "\n\n" in page
    assert [one for one in DISPOSITIONS if not re.search(rf"^\| `{one}` \|", page, re.MULTILINE)] == []


def test_links_between_pages_lead_somewhere():
    """A link to a file of the project names one that is there."""
    broken = []
    for file in (*ROOT.glob("*.md"), *DOCS.rglob("*.md")):
        for target in re.findall(r"\]\(([^)\s]+)\)", file.read_text(encoding="utf-8")):
            path = target.partition("#")[0]
            if path and not re.match(r"[a-z]+:", path) and not (file.parent / path).exists():
                broken.append(f"{file.relative_to(ROOT)}: {target}")
    assert broken == []
