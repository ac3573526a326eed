"""Every letter of every technique is judged as the file beside it says, the legitimate ones first-class."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from sosie.detection.examine import TECHNIQUES, examine
from sosie.detection.exemptions import Envelope
from sosie.detection.knowledge import Knowledge
from sosie.detection.verdict import NONE, Verdict
from sosie.mail.message import Message
from sosie.screening.corridor import screen
from sosie.screening.snapshot import Snapshot
from support.judgement import read_knowledge

LETTERS = Path(__file__).parents[1] / "letters"
NAMES = [technique.NAME for technique in TECHNIQUES]
FILES = [eml for name in NAMES for eml in sorted((LETTERS / name).glob("*.eml"))]
MIN_ATTACKS, MIN_LEGITIMATE = 6, 4


@cache
def knowledge_of(folder: Path) -> Knowledge:
    return read_knowledge(folder)


def expected_of(letter: Path) -> dict:
    return json.loads(letter.with_suffix(".json").read_text(encoding="utf-8"))


def verdict_on(letter: Path, raw: bytes) -> Verdict:
    """As the corridor judges it; with an envelope where the letter's recipients are known."""
    recipients = expected_of(letter).get("recipients")
    if recipients is None:
        return screen(raw, Snapshot(1, knowledge_of(letter.parent)))
    return examine(Message.from_bytes(raw), knowledge_of(letter.parent), Envelope(recipients=tuple(recipients)))


@pytest.mark.parametrize("letter", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_letter_is_judged_as_expected(letter):
    """The disposition, the techniques, their reasons and the exemptions are exactly those expected, in this order."""
    verdict = verdict_on(letter, letter.read_bytes())
    expected = expected_of(letter)
    assert [finding.reason for finding in verdict.findings] == expected["reasons"], expected["because"]
    assert [finding.name for finding in verdict.findings] == expected["techniques"]
    assert verdict.disposition == expected["disposition"], expected["because"]
    assert [exemption.name for exemption in verdict.exemptions] == expected.get("exemptions", [])
    assert verdict.flagged == (expected["disposition"] != NONE)


@pytest.mark.parametrize("letter", FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_line_ends_make_no_difference(letter):
    """A letter as it is stored and as it comes over the wire is one letter."""
    raw = letter.read_bytes()
    assert verdict_on(letter, raw.replace(b"\n", b"\r\n")) == verdict_on(letter, raw)


@pytest.mark.parametrize("name", NAMES)
def test_every_technique_has_letters_of_both_kinds(name):
    """A technique without attacks that it finds, and legitimate letters that it leaves alone, proves nothing."""
    found = [expected_of(file) for file in FILES if file.parent.name == name]
    attacks = [one for one in found if one["disposition"] != NONE and name in one["techniques"]]
    assert len(attacks) >= MIN_ATTACKS
    assert len([one for one in found if one["disposition"] == NONE]) >= MIN_LEGITIMATE


def test_a_letter_says_why_it_is_there():
    """In one line, that no other letter of its folder has."""
    for name in NAMES:
        reasons = [expected_of(file)["because"] for file in FILES if file.parent.name == name]
        assert all(reasons)
        assert len(set(reasons)) == len(reasons)


def test_every_folder_of_letters_is_a_techniques():
    """No letter lies where nobody reads it. `plain` are those of the first steps."""
    assert {file.name for file in LETTERS.iterdir() if file.is_dir()} == {*NAMES, "plain"}
