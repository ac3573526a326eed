"""What a mail server is told about a message that was judged."""

from __future__ import annotations

from email import policy
from email.parser import BytesParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.detection.actions import ACCEPT, ACTIONS, QUARANTINE, REJECT, TAG, TEMPFAIL, ActionRule
from sosie.detection.verdict import MALICIOUS_BEC, NONE, SPOOF, SUSPICIOUS, Finding, Verdict
from sosie.milter.header import read_header
from sosie.milter.replies import MAX_FINDINGS, Dialect, to_replies, to_unstructured
from sosie.screening.gate import Screened
from support.milter import FORGED, HONEST, OFFER, Kept, header, judge, packet, replies, say

EMPTY = read_header((), (), lead_space=True)
FINDING = Finding(
    "author_name", "From", "Jane", "Jane", "Protected Name Jane should not appear", "", 0.9, MALICIOUS_BEC
)


def told(action: str, disposition: str = MALICIOUS_BEC, pairs=(), findings=(FINDING,), **dialect) -> list[bytes]:
    verdict = Verdict("<1@example.net>", disposition, 0.9, findings, pairs=pairs)
    return replies(to_replies(Screened(action, verdict, "", "17"), EMPTY, Dialect(**dialect)))


def added(found: list[bytes]) -> list[tuple[bytes, bytes]]:
    """The fields that are added, from the top."""
    inserted = [tuple(one[5:-1].split(b"\0")) for one in found if one.startswith(b"i\0\0\0\0")]
    return [*reversed(inserted)] + [tuple(one[1:-1].split(b"\0")) for one in found if one[:1] == b"h"]


@pytest.mark.parametrize(
    ("disposition", "pairs", "expected"),
    [
        (MALICIOUS_BEC, (("1", "a@example.net"),), [b" MALICIOUS", b" BEC"]),
        (MALICIOUS_BEC, (), [b" MALICIOUS", b" BEC"]),
        (SPOOF, (("1", "jane.roe@example.com"),), [b" SPOOF", b" BEC"]),
        (SPOOF, (), [b" SPOOF"]),
        (SUSPICIOUS, (("1", "a@example.net"),), [b" SUSPICIOUS"]),
    ],
)
def test_the_fields_are_those_that_rules_are_written_for(disposition, pairs, expected):
    """One disposition, and BEC where somebody in the registry is meant and it is grave; above all that came in."""
    fields = added(told(TAG, disposition, pairs))
    assert [value for name, value in fields if name.startswith(b"X-CFEmailSecurity-")] == expected
    assert fields[0][0] == b"X-CFEmailSecurity-Disposition"
    assert (b"X-Sosie-Record", b" 17") in fields
    assert (b"X-Sosie-Finding", b" author_name; 0.90; Protected Name Jane should not appear") in fields


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_has_its_last_reply(action):
    """Arrives, or is refused with a code and one sentence that says nothing of what was found."""
    found = told(action)
    expected = {REJECT: b"y550 5.7.1 ", TEMPFAIL: b"y451 4.7.1 "}.get(action)
    if expected is None:
        assert found[-1] == b"a"
    else:
        (only,) = found
        assert only.startswith(expected)
        assert b"Jane" not in only
        assert b"%" not in only
    assert bool(added(found)) == (action in (TAG, QUARANTINE))
    assert (b"qsosie: MALICIOUS-BEC author_name\0" in found) == (action == QUARANTINE)


def test_a_message_with_nothing_found_is_told_nothing():
    """It costs one reply of five octets."""
    assert told(ACCEPT, NONE, findings=()) == [b"a"]


def test_where_there_is_no_quarantine_the_message_arrives_tagged():
    """A mail server says whether it can."""
    found = told(QUARANTINE, quarantine=False)
    assert not any(one[:1] == b"q" for one in found)
    assert added(found)


def test_where_nothing_can_be_inserted_it_is_added():
    """In the second version; and without the space, which the mail server writes itself."""
    found = told(TAG, insert=False, lead_space=False)
    assert (b"X-CFEmailSecurity-Disposition", b"MALICIOUS") in added(found)
    assert not any(one[:1] == b"i" for one in found)


def test_findings_have_a_bound():
    """However many there are."""
    fields = added(told(TAG, findings=(FINDING,) * 50))
    assert sum(name == b"X-Sosie-Finding" for name, _ in fields) == MAX_FINDINGS


@given(st.text(max_size=400))
def test_a_reason_is_read_back(text):
    """By another program: what cannot be shown is replaced, and no line is too long or begins a field of its own."""
    value = to_unstructured("author_name; 0.90;", text, 17)
    lines = (b"X-Sosie-Finding: " + value).split(b"\n")
    assert all(line.startswith(b" ") for line in lines[1:])
    if not text.isascii() or not text.isprintable() or "=?" in text:
        assert max(map(len, lines)) <= 76
    assert value.isascii()
    assert b"\r" not in value
    assert b"\0" not in value
    message = BytesParser(policy=policy.default).parsebytes(b"X-Sosie-Finding: " + value + b"\n\n")
    shown = "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
    shown = shown.encode("utf-8", "replace").decode()
    assert message["X-Sosie-Finding"].split() == f"author_name; 0.90; {shown}".split()


def subjects(prefix: str, *values: bytes, lead_space: bool = True) -> list[tuple[int, bytes]]:
    """What becomes of each Subject, by its place; 0 for one that is added."""
    fields = read_header([b"LSubject\0%b\0" % value for value in values], (), lead_space=lead_space)
    verdict = Verdict("", MALICIOUS_BEC, 0.9, (FINDING,))
    found = replies(to_replies(Screened(TAG, verdict), fields, Dialect(lead_space=lead_space), prefix))
    changed = [(int.from_bytes(one[1:5]), one[5:-1]) for one in found if one[:1] == b"m"]
    changed += [(0, one[1:-1]) for one in found if one.startswith(b"hSubject")]
    return [(place, field.removeprefix(b"Subject\0")) for place, field in changed]


def test_the_subject_gets_the_prefix():
    """Each of them, once, and one is made where there is none."""
    assert subjects("[FRAUD?]", b" Invoice") == [(1, b" [FRAUD?] Invoice")]
    assert subjects("[FRAUD?]", b"Invoice", lead_space=False) == [(1, b"[FRAUD?] Invoice")]
    assert subjects("[FRAUD?]", b" a", b" [FRAUD?] b", b" c") == [(1, b" [FRAUD?] a"), (3, b" [FRAUD?] c")]
    assert subjects("[FRAUD?]") == [(0, b" [FRAUD?]")]
    assert subjects("", b" Invoice") == []
    assert subjects("[FRAUD?]", b" =?utf-8?q?=C3=A4?=\n =?utf-8?q?b?=") == [
        (1, b" [FRAUD?] =?utf-8?q?=C3=A4?=\n =?utf-8?q?b?=")
    ]


def test_a_long_subject_is_folded_after_the_prefix():
    """No line gets longer than it should be (RFC 5322, 2.1.1)."""
    assert subjects("[FRAUD?]", b" " + b"x" * 70) == [(1, b" [FRAUD?]\n " + b"x" * 70)]


def test_a_prefix_may_be_in_any_script():
    """In an encoded-word, with its space, which would not be shown between two of them."""
    ((_, value),) = subjects("[Täuschung?]", b" =?utf-8?q?=C3=A4?=")
    message = BytesParser(policy=policy.default).parsebytes(b"Subject:" + value + b"\n\n")
    assert message["Subject"] == "[Täuschung?] ä"


def test_the_strictest_recipient_domain_decides():
    """It is one message to the mail server."""
    rules = [ActionRule("", one, TAG) for one in (MALICIOUS_BEC, SPOOF, SUSPICIOUS)]
    rules += [ActionRule("strict.example", one, REJECT) for one in (MALICIOUS_BEC, SPOOF, SUSPICIOUS)]
    session = Kept(*rules).session()
    say(session, packet("O", OFFER))
    assert judge(session, FORGED)[-1] == b"a"
    recipients = [packet("R", b"<a@example.com>\0"), packet("R", b"<b@strict.example>\0")]
    found = say(session, packet("M", b"<>\0"), *recipients, *header(FORGED), packet("E"))
    assert [one[:4] for one in found] == [b"y550"]


def test_an_honest_message_goes_through_unchanged():
    """With one reply."""
    session = Kept().session()
    say(session, packet("O", OFFER))
    assert judge(session, HONEST) == [b"a"]


@pytest.mark.parametrize(("fail_closed", "expected"), [(False, b"a"), (True, b"y451 4.7.1 ")])
def test_a_message_that_cannot_be_judged_goes_the_way_of_the_gate(fail_closed, expected):
    """In, or to be sent again; and it is observed."""
    kept = Kept(ready=False, fail_closed=fail_closed)
    session = kept.session()
    say(session, packet("O", OFFER))
    (found,) = judge(session, FORGED)
    assert found.startswith(expected)
    assert len(kept.faults) == 1


@pytest.mark.parametrize(("fail_closed", "expected"), [(False, b"a"), (True, b"y451 ")])
def test_a_message_without_any_header_too(fail_closed, expected):
    """There is nothing to judge."""
    session = Kept(fail_closed=fail_closed).session()
    say(session, packet("O", OFFER))
    assert say(session, packet("M", b"<>\0"), packet("E"))[-1].startswith(expected)
