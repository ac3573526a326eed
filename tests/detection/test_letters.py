"""Every letter of every technique is judged as the file beside it says, the legitimate ones first-class."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sosie.detection.examine import TECHNIQUES
from sosie.detection.identity import Identity
from sosie.detection.index import Index
from sosie.registry.entry import Entry, read_new_entry
from sosie.screening.corridor import screen
from sosie.screening.snapshot import Snapshot

LETTERS = Path(__file__).parents[1] / "letters"
FOLDERS = [technique.NAME for technique in TECHNIQUES]


def read_registry(folder: Path) -> Snapshot:
    documents = json.loads((folder / "registry.json").read_text())
    entries = [Entry(str(n), *read_new_entry(document), "", "") for n, document in enumerate(documents)]
    return Snapshot(1, Index(map(Identity.from_entry, entries)))


@pytest.mark.parametrize(
    "letter", [eml for name in FOLDERS for eml in (LETTERS / name).glob("*.eml")], ids=lambda p: p.stem
)
def test_a_letter_is_judged_as_expected(letter):
    """The reasons are exactly those expected, and nothing is flagged without one."""
    verdict = screen(letter.read_bytes(), read_registry(letter.parent))
    expected = json.loads(letter.with_suffix(".json").read_text())["reasons"]
    assert [finding.reason for finding in verdict.findings] == expected
    assert verdict.flagged == bool(expected)
    assert verdict.message_id.endswith("@mail.example>")


@pytest.mark.parametrize("technique", TECHNIQUES, ids=lambda t: t.NAME)
def test_every_technique_has_letters_of_both_kinds(technique):
    """A technique without an attack that it finds or a legitimate letter that it leaves alone proves nothing."""
    outcomes = [
        json.loads(file.read_text())["reasons"]
        for file in (LETTERS / technique.NAME).glob("*.json")
        if file.stem != "registry"
    ]
    assert any(outcomes)
    assert not all(outcomes)
