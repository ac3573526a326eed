"""Nobody but us says what we found: every header field of ours that comes in is taken out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.detection.actions import QUARANTINE, REJECT, TAG, ActionRule
from sosie.mail.header_fields import read_header_section
from sosie.milter.header import MAX_COPIES, read_header
from sosie.milter.incoming import MAX_HEADER
from support.milter import FORGED, HONEST, OFFER, Kept, header, judge, packet, say

V6 = packet("O", OFFER)
SPELLINGS = (
    b"X-CFEmailSecurity-Disposition: NONE",
    b"x-cfemailsecurity-disposition: NONE",
    b"X-CFEMAILSECURITY-DISPOSITION:NONE",
    b"X-CFEmailSecurity-Disposition:\n\tNONE",
    b"X-CFEmailSecurity-Disposition : NONE",
    b"X-CFEmailSecurity-Disposition\t:\tNONE",
    b"X-CFEmailSecurity-Attribute: BEC",
    b"X-CFEmailSecurity-Attribute:",
    b"X-Sosie-Finding: none; 0.00; nothing",
    b"X-SOSIE-RECORD: 1",
    b"X-Sosie-Whatever: that may come later",
)
NOT_OURS = b"X-CFEmailSecurity-Processed: 1\nX-Sosi: 1\nX-Not-X-Sosie-Finding: 1\nSubject: X-Sosie-Finding: 1\n"


def removed(found: list[bytes]) -> list[tuple[int, bytes]]:
    """The places and names of the fields that are to be removed."""
    changes = [(int.from_bytes(one[1:5]), *one[5:-1].split(b"\0")) for one in found if one[:1] == b"m"]
    return [(place, name) for place, name, value in changes if value == b""]


def left_after(letter: bytes, removals: list[tuple[int, bytes]]) -> list[bytes]:
    """A letter's header fields once a mail server has removed those: by name, in any case, and the place there."""
    fields = header(letter)
    for place, name in removals:
        same = [at for at, one in enumerate(fields) if one[5:].partition(b"\0")[0].lower() == name.lower()]
        del fields[same[place - 1]]
    return fields


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_removed(spelling):
    """Of an honest message, which is told nothing else."""
    kept = Kept()
    session = kept.session()
    say(session, V6)
    found = judge(session, spelling + b"\n" + HONEST)
    assert found[-1] == b"a"
    assert len(removed(found)) == len(found) - 1 == 1
    assert left_after(spelling + b"\n" + HONEST, removed(found)) == header(HONEST)


def test_what_is_like_ours_stays():
    """Other names, and our names in a value."""
    session = Kept().session()
    say(session, V6)
    assert judge(session, NOT_OURS + HONEST) == [b"a"]


@given(st.lists(st.sampled_from((*SPELLINGS, *NOT_OURS.splitlines(), b"Received: x")), max_size=30))
def test_in_any_number_and_order(fields):
    """All of ours go, and nothing else does, whatever a removal does to the places of the others."""
    letter = b"".join(field + b"\n" for field in fields) + HONEST
    session = Kept().session()
    say(session, V6)
    removals = removed(judge(session, letter))
    expected = header(b"".join(field + b"\n" for field in fields if field not in SPELLINGS) + HONEST)
    assert left_after(letter, removals) == expected
    if len(removals) < 2:
        return
    names = [name for _, name in removals]
    for name in set(names):  # the last one first
        places = [place for place, one in removals if one == name]
        assert places == sorted(places, reverse=True)


@pytest.mark.parametrize("action", [TAG, QUARANTINE])
def test_of_a_flagged_message_they_go_before_ours_come(action):
    """A removal after that could hit ours."""
    session = Kept(ActionRule("", "MALICIOUS-BEC", action), ActionRule("", "SUSPICIOUS", action)).session()
    say(session, V6)
    found = judge(session, SPELLINGS[0] + b"\n" + SPELLINGS[8] + b"\n" + FORGED)
    kinds = b"".join(one[:1] for one in found)
    assert kinds.startswith(b"mmi")
    assert b"m" not in kinds[2:]


@pytest.mark.parametrize("fail_closed", [False, True])
def test_of_a_message_that_cannot_be_judged_too(fail_closed):
    """Unless it is put off, when nothing of it arrives."""
    session = Kept(ready=False, fail_closed=fail_closed).session()
    say(session, V6)
    found = judge(session, b"\n".join(SPELLINGS) + b"\n" + FORGED)
    if fail_closed:
        assert [one[:5] for one in found] == [b"y451 "]
    else:
        assert found[-1] == b"a"
        assert len(removed(found)) == len(SPELLINGS)


def test_of_outbound_mail_too():
    """Our own people need not be believed either."""
    session = Kept().session()
    say(session, V6)
    say(session, packet("D", b"M{auth_authen}\0jane\0"))
    assert len(removed(judge(session, SPELLINGS[0] + b"\n" + FORGED))) == 1


def test_a_message_that_is_nothing_but_copies_is_refused():
    """Each removal costs the mail server a walk through the header; nobody honest has so many."""
    session = Kept().session()
    say(session, V6)
    enough = b"X-Sosie-Finding: a\n" * MAX_COPIES
    assert judge(session, enough + HONEST)[-1] == b"a"
    (found,) = judge(session, enough + b"X-Sosie-Finding: a\n" + HONEST)
    assert found.startswith(b"y550 5.7.1 ")


def test_copies_beyond_what_is_read_are_removed():
    """Behind more header than anybody reads."""
    kept = Kept()
    session = kept.session()
    say(session, V6)
    long = b"".join(b"X-Long-%d: %b\n" % (number, b"x" * 50_000) for number in range(MAX_HEADER // 50_000 + 1))
    found = judge(session, SPELLINGS[8] + b"\n" + long + SPELLINGS[8] + b"\n" + SPELLINGS[0] + b"\n" + HONEST)
    assert sorted(removed(found)) == [
        (1, b"x-cfemailsecurity-disposition"),
        (1, b"x-sosie-finding"),
        (2, b"x-sosie-finding"),
    ]


def test_a_long_name_is_removed_there_too():
    """By its whole name: a mail server finds no other field by a part of it."""
    session = Kept().session()
    say(session, V6)
    long = b"".join(b"X-Long-%d: %b\n" % (number, b"x" * 50_000) for number in range(MAX_HEADER // 50_000 + 1))
    name = b"X-Sosie-" + b"z" * 200
    assert removed(judge(session, long + name + b": 1\n" + HONEST)) == [(1, name.lower())]


def test_a_mail_server_that_cannot_remove_is_not_told_to():
    """It offers no changes of the header."""
    session = Kept().session()
    say(session, packet("O", b"\0\0\0\2\0\0\0\1\0\0\0\x7f"))
    assert judge(session, SPELLINGS[0] + b"\n" + HONEST)[-1] == b"a"
    assert removed(judge(session, SPELLINGS[0] + b"\n" + HONEST)) == []


def test_a_rejected_message_is_told_nothing_else():
    """It is on no way to anybody."""
    session = Kept(ActionRule("", "MALICIOUS-BEC", REJECT), ActionRule("", "SUSPICIOUS", REJECT)).session()
    say(session, V6)
    assert [one[:11] for one in judge(session, SPELLINGS[0] + b"\n" + FORGED)] == [b"y550 5.7.1 "]


FIELD = st.tuples(
    st.binary(max_size=12).map(lambda octets: octets.replace(b"\0", b"").replace(b"\n", b"")),
    st.binary(max_size=30).map(lambda octets: octets.replace(b"\0", b"").replace(b"\n", b"\n ")),
)


@given(st.lists(FIELD, max_size=8))
def test_the_header_is_put_together_as_it_was(fields):
    """Name, colon and value, with the space that the mail server left out where it does."""
    packets = [b"L%b\0%b\0" % field for field in fields]
    assert read_header(packets, (), lead_space=True).octets == b"".join(b"%b:%b\n" % field for field in fields)
    assert read_header(packets, (), lead_space=False).octets == b"".join(b"%b: %b\n" % field for field in fields)


@given(st.lists(st.binary(max_size=30), max_size=6))
def test_packets_that_are_no_fields_are_put_together_somehow(parameters):
    """Without an error; each is a line."""
    octets = read_header([b"L" + one for one in parameters], (), lead_space=True).octets
    assert octets.count(b"\n") >= len(parameters)
    read_header_section(octets)
