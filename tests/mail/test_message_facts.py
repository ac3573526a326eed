"""A message gives its facts from all fields that carry them, and only what is asked for is worked out."""

import pickle

import pytest

from sosie.mail.defect import Defect
from sosie.mail.mailbox import Mailbox
from sosie.mail.message import MAX_ADDRESS_FIELDS, Message

LETTER = (
    b"Received: from a.example by b.example; Tue, 3 Nov 2026 09:14:07 +0000\r\n"
    b"From: Jane Roe <jane@example.com>\r\n"
    b"Sender: desk@example.com (The desk)\r\n"
    b"Reply-To: =?utf-8?q?J=C3=A4ne?= <jane@example.net>, joe@example.net\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n from here\r\n"
    b"Message-Id: <1@example.com>\r\n"
    b"\r\n"
    b"From: nobody@example.org\r\n"
)


def test_the_facts_are_those_of_the_header():
    """Each from its field, and none from the body."""
    message = Message.from_bytes(LETTER)
    assert message.author == (Mailbox("Jane Roe", "jane@example.com"),)
    assert message.sender == (Mailbox("The desk", "desk@example.com", comment="The desk"),)
    assert message.reply_to == (Mailbox("Jäne", "jane@example.net"), Mailbox("", "joe@example.net"))
    assert message.subject == "Grüße from here"
    assert message.message_id == "<1@example.com>"
    assert [field.name for field in message.header_fields][0::5] == ["Received", "Message-Id"]
    assert message.defects == message.author_defects == frozenset()


def test_a_message_without_the_fields_has_empty_facts():
    """No From is a defect; the others may be missing."""
    message = Message.from_bytes(b"To: jane@example.com\r\n\r\n")
    assert (message.author, message.sender, message.reply_to) == ((), (), ())
    assert (message.subject, message.message_id) == ("", "")
    assert message.defects == message.author_defects == {Defect.MISSING_FROM}


def test_the_author_is_in_every_from():
    """Programs differ in which of several they take, so all are the author (RFC 5322, 3.6 allows one field)."""
    message = Message.from_bytes(b"From: a@x.example\nFROM: b@x.example, c@x.example\nFrom : d@x.example\n\n")
    assert [mailbox.address_text for mailbox in message.author] == [f"{x}@x.example" for x in "abcd"]
    assert message.author_defects == {Defect.REPEATED_FROM}
    assert message.defects == {Defect.REPEATED_FROM, Defect.SPACE_BEFORE_COLON}


def test_of_hundreds_of_from_fields_the_first_ones_and_the_last_are_read():
    """Programs take either; the rest only costs time."""
    message = Message.from_bytes(b"".join(b"From: %d@x.example\n" % number for number in range(300)))
    numbers = [mailbox.address_text.partition("@")[0] for mailbox in message.author]
    assert numbers == [*map(str, range(MAX_ADDRESS_FIELDS - 1)), "299"]
    assert message.author_defects == {Defect.REPEATED_FROM, Defect.TOO_MANY_ADDRESS_FIELDS}


def test_exactly_as_many_fields_as_the_limit_are_all_read():
    """The limit is inclusive."""
    message = Message.from_bytes(b"".join(b"From: %d@x.example\n" % number for number in range(MAX_ADDRESS_FIELDS)))
    assert len(message.author) == MAX_ADDRESS_FIELDS
    assert message.author_defects == {Defect.REPEATED_FROM}


def test_several_fields_together_may_have_as_many_tokens_as_one():
    """So that eight long ones cost no more than one; of each the first addresses and the last are read."""
    value = b", ".join(b"a%d@x.example" % number for number in range(1500))
    one = Message.from_bytes(b"From: " + value + b"\n")
    eight = Message.from_bytes((b"From: " + value + b"\n") * MAX_ADDRESS_FIELDS)
    assert len(eight.author) <= len(one.author) + 2 * MAX_ADDRESS_FIELDS  # the last ones, and those that were cut
    assert one.author[-1] == eight.author[-1]
    assert [mailbox.address_text for mailbox in eight.author].count("a0@x.example") == MAX_ADDRESS_FIELDS
    assert [mailbox.address_text for mailbox in eight.author].count("a1499@x.example") == MAX_ADDRESS_FIELDS
    assert {Defect.REPEATED_FROM, Defect.TOO_MANY_TOKENS} <= eight.author_defects


@pytest.mark.parametrize(
    ("name", "defect"),
    [
        (b"Sender", Defect.REPEATED_SENDER),
        (b"Reply-To", Defect.REPEATED_REPLY_TO),
        (b"Subject", Defect.REPEATED_SUBJECT),
        (b"Message-ID", Defect.REPEATED_MESSAGE_ID),
    ],
)
def test_a_field_that_may_stand_once_is_noted_when_it_stands_twice(name, defect):
    """RFC 5322, 3.6."""
    message = Message.from_bytes(b"From: a@x.example\n" + (name + b": b@x.example\n") * 2)
    assert message.defects == {defect}


def test_of_repeated_subjects_the_first_is_taken():
    """And all of them can be had from the header fields."""
    message = Message.from_bytes(b"Subject: one\nSubject: two\n\n")
    assert message.subject == "one"
    assert [field.value for field in message.header_section.named("Subject")] == [b"one", b"two"]


def test_defects_come_from_every_field_that_is_read():
    """The author's own are told apart from the rest."""
    message = Message.from_bytes(
        b"From: Doe, Jane <a@x.example>\nSender: <b@x.example\nReply-To: c@x.example.\nSubject: \xff\nno field\n\n"
    )
    assert message.author_defects == {Defect.UNQUOTED_COMMA}
    assert message.defects == {
        Defect.UNQUOTED_COMMA,
        Defect.MISSING_ANGLE_BRACKET,
        Defect.INVALID_ADDRESS,
        Defect.INVALID_UTF8,
        Defect.MISSING_COLON,
    }


def test_an_empty_from_is_a_from_without_an_address():
    """Which is another thing than none."""
    assert Message.from_bytes(b"From:\n\n").author_defects == {Defect.MISSING_ADDRESS}


def test_a_message_is_a_value():
    """Equal to another of the same header, whatever was asked of it, and fit to be sent to another process."""
    message = Message.from_bytes(LETTER)
    assert message.author
    assert message == Message.from_bytes(LETTER + b"more body")
    assert hash(message) == hash(Message.from_bytes(LETTER))
    assert pickle.loads(pickle.dumps(message)) == message  # noqa: S301 - our own


def test_the_limits_can_be_given():
    """By whoever read them from a configuration."""
    assert not Message.from_bytes(b"X: y\nFrom: a@x.example\n", max_header_fields=1).author
    assert not Message.from_bytes(b"X: y\nFrom: a@x.example\n", max_header_section_size=5).author
