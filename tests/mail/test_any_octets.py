"""Whatever octets arrive, the facts are had without an error and in linear time.

The hostile inputs are a mebibyte each: with one quadratic step, this file would run for hours.
"""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.mail.address_list import MAX_TOKENS
from sosie.mail.defect import Defect
from sosie.mail.encoded_words import decode_text
from sosie.mail.header_fields import MAX_HEADER_FIELDS, MAX_HEADER_SECTION_SIZE, read_header_section
from sosie.mail.mailbox import read_mailboxes
from sosie.mail.message import Message

MEBIBYTE = 1024 * 1024

FACTS = sorted(name for name in vars(Message) if name[0] != "_" and name not in dir(type))
ANSWERS = [name for name in FACTS if not callable(getattr(Message, name))]
FIELDS = [
    *(b"Authentication-Results", b"ARC-Authentication-Results", b"DKIM-Signature", b"List-Id", b"List-Post"),
    *(b"List-Unsubscribe", b"X-BeenThere", b"Mailing-List", b"Precedence", b"Auto-Submitted", b"Content-Type"),
    *(b"Return-Path", b"Delivered-To", b"To", b"Cc", b"Resent-From", b"X-Original-From", b"X-Original-Sender"),
]


def read_everything(raw):
    """Every fact of the message, and how many processor seconds that took."""
    started = process_time()
    message = Message.from_bytes(raw)
    facts = {name: getattr(message, name) for name in ANSWERS}
    facts["trusted"] = message.trusted_results(["mx.example.com"])
    facts["foreign"] = message.foreign_results(["mx.example.com"])
    return facts, process_time() - started


SPECIALS = rb"""()<>[]@,;:."\=?"""
HOSTILE = [
    *(bytes([octet]) for octet in SPECIALS + b" \r\n\t\0\xffa"),
    *(b"\r\n ", b"\r\n", b"\r\r\n", b"\n ", b" \n", b"\ra", b"\ra:", b"\r\n:", b"\xc3", b"\xef\xbb\xbf"),
    *(b"=?", b"?=", b"=?a?q?", b"=?a?q?x ", b"=?a?q?=", b"=?a?q?x?= ", b"=?a?q?x?= =?b?b?eA?= ", b"=?utf-8?b?"),
    *(b"()", b"(\\", b"((((((((((a", b"a(", b'"a', b'\\"', b'"\\', b'"=?a?q?\\?=', b"[]"),
    *(
        b"<a",
        b"<a@b",
        b"<a@b>",
        b"<a@b,",
        b"<@a,",
        b"<@,",
        b"<@a:",
        b"a@b,",
        b"a@b ",
        b"a@",
        b"a:",
        b"a: b;",
        b"a b@c ",
    ),
    *(b"From:", b"From: a\n", b"From:\n a\n", b"From : \r\n", b"From\r\n :\r\n", b"From a\n", b"a\n", b"x: y\r\n"),
]


def filled(pattern):
    return (pattern * (MEBIBYTE // len(pattern) + 1))[:MEBIBYTE]


@pytest.mark.parametrize("pattern", HOSTILE, ids=repr)
def test_a_mebibyte_of_anything_is_an_address_list_of_bounded_size(pattern):
    """And the address at its end is found, if nothing before it takes it in."""
    assert len(read_mailboxes(filled(pattern)).mailboxes) <= MAX_TOKENS
    found = read_mailboxes(filled(pattern) + b", <jane@example.com>")
    assert len(found.mailboxes) <= MAX_TOKENS
    assert "jane@example.com" in {mailbox.address_text for mailbox in found.mailboxes}


@pytest.mark.parametrize("pattern", HOSTILE, ids=repr)
def test_a_mebibyte_of_anything_is_a_header_of_bounded_size(pattern):
    """Alone, in From, behind From, and in many From fields."""
    for raw in (
        filled(pattern),
        b"From: " + filled(pattern),
        b"From: jane@example.com\r" + filled(pattern),
        (b"From: " + filled(pattern)[:3000].replace(b"\n", b" ") + b"\n") * 80,
    ):
        message = Message.from_bytes(raw)
        assert len(message.header_fields) <= MAX_HEADER_FIELDS
        assert sum(len(field.value) for field in message.header_fields) <= MAX_HEADER_SECTION_SIZE
        assert isinstance(message.defects, frozenset)


@pytest.mark.parametrize("pattern", HOSTILE, ids=repr)
def test_a_mebibyte_of_anything_is_text(pattern):
    """Not longer than it was, alone and within one encoded word."""
    for raw in (filled(pattern), b"=?utf-8?q?" + filled(pattern) + b"?=", b"=?utf-8?b?" + filled(pattern) + b"?="):
        assert len(decode_text(raw).text) <= len(raw)


@pytest.mark.parametrize("pattern", [*HOSTILE, b"a=b;", b"a.b=c ", b"(a)", b"mailto:", b"<mailto:a@b>,"], ids=repr)
def test_every_fact_of_a_hostile_header_is_had_in_time(pattern):
    """All fields together as long as a header may be, whatever is in them: tens of milliseconds, not seconds."""
    value = filled(pattern)[: 250_000 // len(FIELDS)].replace(b"\n", b"\n ")
    facts, seconds = read_everything(b"".join(name + b": " + value + b"\r\n" for name in FIELDS))
    assert {"authentication_results", "mailing_list", "content_type", "recipients"} <= facts.keys()
    assert seconds < 1
    for name in FIELDS:
        many = (name + b": " + filled(pattern)[:2000].replace(b"\n", b"\n ") + b"\r\n") * 100
        assert read_everything(many)[1] < 1


SEEDS = st.sampled_from(
    [
        *(
            b"mx.example.com; ",
            b"dmarc=pass ",
            b"header.from=example.com",
            b"header.d=",
            b"dkim=fail ",
            b"reason=",
            b"; ",
        ),
        *(
            b"=",
            b'"',
            b"(",
            b")",
            b"\\",
            b"\r\n ",
            b"<mailto:",
            b"<a@b.example>",
            b"text/plain",
            b"/1",
            b"i=1;",
            b"@a:",
        ),
    ]
)


@given(st.lists(st.tuples(st.sampled_from(FIELDS), st.lists(SEEDS | st.binary(max_size=4), max_size=15)), max_size=6))
def test_every_fact_of_scrambled_fields_is_had(fields):
    """Without an error, and as text that can be encoded."""
    facts, _ = read_everything(b"".join(name + b": " + b"".join(pieces) + b"\r\n" for name, pieces in fields))
    assert "\0" not in repr(facts)
    repr(facts).encode()


@given(st.binary(max_size=2000))
def test_any_octets_are_a_message(raw):
    """Every fact can be asked for, and every text is well-formed Unicode without NUL."""
    message = Message.from_bytes(raw)
    texts = [message.subject, message.message_id]
    for mailbox in (*message.author, *message.sender, *message.reply_to):
        texts += [mailbox.display_name, mailbox.address_text, mailbox.comment, mailbox.group_name]
        assert mailbox.address is None or mailbox.address.text
    assert "\0" not in "".join(texts)
    "".join(texts).encode()
    assert all(isinstance(defect, Defect) for defect in message.defects)


PIECES = st.sampled_from(
    [
        *(bytes([octet]) for octet in SPECIALS + b" \t\r\n\0\xff"),
        *(b"\r\n", b"From", b"from", b"Sender", b"jane", b"example.com", b"=?utf-8?q?", b"?=", b"=22"),
        *(b"\xef\xbb\xbf", b"J\xc3\xb6rg"),
    ]
)
SCRAMBLED = st.lists(PIECES, max_size=60).map(b"".join)


@given(SCRAMBLED)
def test_scrambled_headers_are_split_without_loss_of_place(raw):
    """Every field stands at its offset: its name begins there, but for what a lenient reader overlooks."""
    section = read_header_section(raw)
    offsets = [field.offset for field in section.fields]
    assert offsets == sorted(set(offsets))
    for field in section.fields:
        written = raw[field.offset :].lstrip(b" \t\0\r\n\x0c\xff\xef\xbb\xbf").replace(b"\0", b"")
        assert written.startswith(field.name.encode())
        assert not set(field.value) & set(b"\r\n")
        assert section.named(field.name.upper())


@given(SCRAMBLED)
def test_scrambled_mailboxes_are_read(raw):
    """No `@` of an address comes from anywhere but the field itself: nothing is decoded into an address."""
    for mailbox in read_mailboxes(raw).mailboxes:
        assert mailbox.address_text.count("@") <= raw.count(b"@")


@given(SCRAMBLED, SCRAMBLED)
def test_an_address_in_angle_brackets_at_the_end_is_found_whatever_stands_before(before, between):
    """Unless it stands in a comment or quoted string that is closed behind it, or the message's header had ended."""
    value = (before + between).replace(b")", b"").replace(b'"', b"").replace(b"\\", b"") + b" <x@evil.example>"
    found = read_mailboxes(value)
    assert "x@evil.example" in {mailbox.address_text for mailbox in found.mailboxes}
