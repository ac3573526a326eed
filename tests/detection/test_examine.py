"""Whatever a header holds, it gets a verdict; every technique is asked, and asked again it says the same."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sosie.detection.examine import TECHNIQUES, examine
from sosie.detection.verdict import DISPOSITIONS, SUSPICIOUS
from sosie.mail.message import Message
from support.judgement import HOST, judged, knowledge_of, people

KNOWLEDGE = knowledge_of(
    people(
        ("Jane Roe", "jane.roe@larkmoor.example"),
        ("José Núñez", "jose@larkmoor.example"),
        ("山田 太郎", "taro.yamada@gmail.com"),
        ("Ottoline Vargapell", "ov@vargapell.example"),
    )
)
KNOWLEDGE.index.domains.protect("larkmoor.example")
FIELDS = st.sampled_from(
    "From|From |Sender|Reply-To|Subject|List-Id|List-Post|Return-Path|Resent-From|X-Original-From|To|Content-Type|"
    "Authentication-Results|Received|Precedence|".split("|")
)
WORDS = st.sampled_from(
    "Jane|Roe|J\u0430ne|Vargapel|Ottoline|山田|太郎|<jane.roe@larkmoor.example>|<x@larkrnoor.example>|ceo@|"
    "<taro.yamada@gmail.com>|larkmoor.example|lab.lists.example.org|=?utf-8?b?SmFuZSBSb2U=?=|via|Re:|multipart/report|"
    f'{HOST}; dmarc=fail header.from=larkmoor.example|spf=pass smtp.mailfrom=|<>|<|>|(|)|,|;|:|@|"|\u202e|\U000e0100|'
    "\x00|\ud800|\r\n ".split("|")
)
VALUES = st.lists(WORDS | st.text(max_size=6), max_size=8).map(" ".join)
HEADERS = st.lists(st.tuples(FIELDS, VALUES).map(": ".join), max_size=8).map("\n".join)


@given(HEADERS)
@settings(max_examples=300, deadline=None)
def test_any_header_gets_a_verdict(header):
    """A disposition, a score from 0 to 1, findings with a reason each, and the same when it is asked again."""
    verdict = judged(header, KNOWLEDGE)
    assert verdict.disposition in DISPOSITIONS
    assert 0.0 <= verdict.score <= 1.0
    assert all(one.reason and one.portion is not None and one.detection in DISPOSITIONS for one in verdict.findings)
    assert judged(header, KNOWLEDGE) == verdict


@given(st.binary(max_size=400))
@settings(deadline=None)
def test_any_octets_get_a_verdict(raw):
    """Also those that are no message."""
    assert examine(Message.from_bytes(raw), KNOWLEDGE).disposition in DISPOSITIONS


def test_techniques_are_named_once():
    """By the name of their file; a finding bears the name of its technique."""
    names = [technique.NAME for technique in TECHNIQUES]
    assert len(set(names)) == len(names)
    assert [technique.__name__.rpartition(".")[2] for technique in TECHNIQUES] == names


def test_a_technique_finds_in_its_own_name():
    """And all that are asked of one message tell what they saw, side by side."""
    verdict = judged(
        f"""Authentication-Results: {HOST}; dmarc=fail header.from=larkmoor.example
From: Jane Roe <jane.roe@larkmoor.example>, José Núñez <x@larkrnoor.example>
Sender: Ottoline Vargapell <x@mail.example>
Reply-To: 山田 太郎 <x@mail.example>""",
        KNOWLEDGE,
    )
    assert {one.name for one in verdict.findings} == {
        "ambiguous_author", "author_name", "exact_spoof", "lookalike_domain", "reply_to", "sender_name"
    }  # fmt: skip


@pytest.mark.parametrize("padding", ["X-Padding: " + "x" * 300 * 1024 + "\n", "X-Padding: x\n" * 2_001])
def test_a_header_that_is_cut_is_suspicious(padding):
    """Whoever wrote it: a reader's program may read on, and find the only From, or another one."""
    for header in (
        f"{padding}From: Sam Lee <sam.lee@mail.example>",
        f"From: Sam Lee <sam.lee@mail.example>\n{padding}From: Jane Roe <x@mail.example>",
    ):
        verdict = judged(header, KNOWLEDGE)
        assert [one.name for one in verdict.findings] == ["ambiguous_author"]
        assert verdict.disposition == SUSPICIOUS


def test_a_hostile_header_is_judged_in_a_moment():
    """Thousands of names, addresses and lists in one header; it is limits that end the work, not patience."""
    names = ", ".join(f"Jane Roe {n} <jane.roe@larkrnoor{n}.example>" for n in range(4_000))
    header = "\n".join(
        f"{field}: {names}" for field in ("From", "Reply-To", "Sender", "Resent-From", "X-Original-From")
    )
    judged("From: x@mail.example", KNOWLEDGE)  # tables that are read at first use
    started = time.perf_counter()
    judged(header, KNOWLEDGE)
    assert time.perf_counter() - started < 2.0
