"""An address in a display name is seen however its at sign is written."""

from __future__ import annotations

import sys
from unicodedata import normalize

import pytest

from sosie.detection.named_address import may_hold_address
from support.judgement import judged, knowledge_of, people

KNOWLEDGE = knowledge_of(people(("Jane Roe", "jane.roe@example.com")))
AT_SIGNS = [one for one in map(chr, range(sys.maxunicode + 1)) if "@" in normalize("NFKC", one)]


def test_the_at_signs_of_unicode_are_known():
    """All three of them, so that no other name has to be looked at twice."""
    assert len(AT_SIGNS) == 3
    assert all(may_hold_address(f"jane.roe{one}example.com") for one in AT_SIGNS)
    assert not may_hold_address("山田 太郎")


@pytest.mark.parametrize("sign", AT_SIGNS, ids=lambda sign: f"U+{ord(sign):04X}")
def test_each_is_found(sign):
    """The name is the address, whichever stands in it."""
    (finding,) = judged(f'From: "jane.roe{sign}example.com" <x81@mail.example>', KNOWLEDGE).findings
    assert finding.name == "address_as_name"


@pytest.mark.parametrize("author", ["x81@mail.example", "<>", "jane.roe", "@@", "(jane.roe@example.com)"])
def test_an_author_without_an_address_is_no_matter(author):
    """Nothing raises, whatever stands beside the name."""
    findings = judged(f'From: "Ask jane.roe@example.com" {author}', KNOWLEDGE).findings
    assert all(finding.reason for finding in findings)
