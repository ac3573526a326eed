"""A malformed From gives every mailbox that some reader would show, and says what is wrong with it."""

import pytest

from sosie.mail.defect import Defect
from sosie.mail.mailbox import read_mailboxes

CASES = [
    # Several addresses where one program takes the first and another the last
    ("ceo@corp.example <x@evil.example>", [("ceo@corp.example", "x@evil.example")], {Defect.UNQUOTED_AT_SIGN}),
    ("<ceo@corp.example> <x@evil.example>", [("", "ceo@corp.example"), ("", "x@evil.example")], {Defect.MISSING_COMMA}),
    ('"A" <a@b.example> "B" <c@d.example>', [("A", "a@b.example"), ("B", "c@d.example")], {Defect.MISSING_COMMA}),
    ("<a@b.example> c@d.example", [("", "a@b.example"), ("", "c@d.example")], {Defect.MISSING_COMMA}),
    ("a@b.example c@d.example", [("", "a@b.example"), ("", "c@d.example")], {Defect.MISSING_COMMA}),
    ("a@x.example; b@y.example", [("", "a@x.example"), ("", "b@y.example")], {Defect.SEMICOLON_AS_SEPARATOR}),
    ("a@b.example@c.example", [("", "a@b.example@c.example")], {Defect.INVALID_ADDRESS}),
    ("<a@b.example@c.example>", [("", "a@b.example@c.example")], {Defect.INVALID_ADDRESS}),
    ("<@relay.example:x@evil.example>", [("", "x@evil.example")], {Defect.ROUTE}),
    ("<@r.example,@s.example:x@evil.example>", [("", "x@evil.example")], {Defect.ROUTE}),
    # Names without quotes
    ("Doe, John <x@evil.example>", [("Doe, John", "x@evil.example")], {Defect.UNQUOTED_COMMA}),
    ("a, b,, Doe, John <x@evil.example>", [("a, b, Doe, John", "x@evil.example")], {Defect.UNQUOTED_COMMA}),
    ("Doe, x@evil.example", [("Doe", ""), ("", "x@evil.example")], {Defect.MISSING_ADDRESS}),
    ("FW: John Doe <x@evil.example>", [("FW: John Doe", "x@evil.example")], {Defect.UNQUOTED_COLON}),
    ("John @ Work <x@evil.example>", [("John @ Work", "x@evil.example")], {Defect.UNQUOTED_AT_SIGN}),
    (r"John \"Doe\" <x@evil.example>", [('John "Doe"', "x@evil.example")], {Defect.UNQUOTED_BACKSLASH}),
    ("John Doe <x@evil.example>\\", [("John Doe", "x@evil.example")], {Defect.UNQUOTED_BACKSLASH}),
    ("i <3 you <x@evil.example>", [("i 3 you", "x@evil.example")], {Defect.STRAY_ANGLE_BRACKET}),
    # Brackets, quotes and parentheses that do not match
    ("John <x@evil.example", [("John", "x@evil.example")], {Defect.MISSING_ANGLE_BRACKET}),
    (
        "John <x@evil.example, Jane <y@evil.example>",
        [("John", "x@evil.example"), ("Jane", "y@evil.example")],
        {Defect.MISSING_ANGLE_BRACKET},
    ),
    (
        "<x@evil.example <y@evil.example>",
        [("", "x@evil.example"), ("", "y@evil.example")],
        {Defect.MISSING_ANGLE_BRACKET},
    ),
    ("John <Doe <x@evil.example>", [("John Doe", "x@evil.example")], {Defect.STRAY_ANGLE_BRACKET}),
    (
        "<John Doe>x@evil.example",
        [("John Doe", "x@evil.example")],
        {Defect.STRAY_ANGLE_BRACKET, Defect.MISSING_ANGLE_BRACKETS},
    ),
    ("<<x@evil.example>>", [("", "x@evil.example")], {Defect.STRAY_ANGLE_BRACKET}),
    ("<> <x@evil.example>", [("", "x@evil.example")], {Defect.STRAY_ANGLE_BRACKET}),
    (
        "John Doe x@evil.example>",
        [("John Doe", "x@evil.example")],
        {Defect.STRAY_ANGLE_BRACKET, Defect.MISSING_ANGLE_BRACKETS},
    ),
    ('"John Doe <x@evil.example>', [("John Doe", "x@evil.example")], {Defect.UNTERMINATED_QUOTED_STRING}),
    ('John "Doe <x@evil.example>', [("John Doe", "x@evil.example")], {Defect.UNTERMINATED_QUOTED_STRING}),
    ("John (Doe <x@evil.example>", [("John Doe", "x@evil.example")], {Defect.UNTERMINATED_COMMENT}),
    ("John Doe) <x@evil.example>", [("John Doe", "x@evil.example")], {Defect.STRAY_PARENTHESIS}),
    # Addresses without brackets, names in odd places, no address
    ("John Doe x@evil.example", [("John Doe", "x@evil.example")], {Defect.MISSING_ANGLE_BRACKETS}),
    ('"John Doe"x@evil.example', [("John Doe", "x@evil.example")], {Defect.MISSING_ANGLE_BRACKETS}),
    (
        "x@evil.example John Doe",
        [("John Doe", "x@evil.example")],
        {Defect.TEXT_AFTER_ADDRESS, Defect.MISSING_ANGLE_BRACKETS},
    ),
    ("<x@evil.example> John Doe", [("John Doe", "x@evil.example")], {Defect.TEXT_AFTER_ADDRESS}),
    ("John <x@evil.example>Doe", [("John Doe", "x@evil.example")], {Defect.TEXT_AFTER_ADDRESS}),
    ("mailto:x@evil.example", [("mailto:", "x@evil.example")], {Defect.UNQUOTED_COLON, Defect.MISSING_ANGLE_BRACKETS}),
    ("John Doe", [("John Doe", "")], {Defect.MISSING_ADDRESS}),
    ("Doe, John,", [("Doe, John", "")], {Defect.MISSING_ADDRESS}),
    ("(John Doe)", [("John Doe", "")], {Defect.MISSING_ADDRESS}),
    ('"ceo@corp.example"', [("ceo@corp.example", "")], {Defect.MISSING_ADDRESS}),
    ("John <>", [("John", "")], {Defect.MISSING_ADDRESS}),
    ("<root>", [("", "root")], {Defect.INVALID_ADDRESS}),
    ("", [], {Defect.MISSING_ADDRESS}),
    (" , ,", [], {Defect.MISSING_ADDRESS}),
    # Addresses that are none
    ("x@evil.example.", [("", "x@evil.example.")], {Defect.INVALID_ADDRESS}),
    ("<x..y@evil.example>", [("", "x..y@evil.example")], {Defect.INVALID_ADDRESS}),
    (
        "<john doe@evil.example>",
        [("", "john doe@evil.example")],
        {Defect.WHITE_SPACE_IN_ADDRESS, Defect.INVALID_ADDRESS},
    ),
    ("< x @ evil . example >", [("", "x@evil.example")], {Defect.WHITE_SPACE_IN_ADDRESS}),
    ("x @ evil . example", [("", "x@evil.example")], {Defect.WHITE_SPACE_IN_ADDRESS}),
    ("<x(@)@evil.example>", [("@", "x@evil.example")], {Defect.COMMENT_IN_ADDRESS, Defect.WHITE_SPACE_IN_ADDRESS}),
    ("<x@evil.example\u200b>", [("", "x@evil.example\u200b")], {Defect.INVALID_ADDRESS}),
    ("<x\0@evil.example>", [("", "x@evil.example")], {Defect.NUL}),
    # Encoded words
    (
        "=?utf-8?q?=22John=22_=3Cceo=40corp.example=3E?= <x@evil.example>",
        [('"John" <ceo@corp.example>', "x@evil.example")],
        set(),
    ),
    ("=?utf-8?q?=22John=22_=3Cceo=40corp.example=3E?=", [('"John" <ceo@corp.example>', "")], {Defect.MISSING_ADDRESS}),
    (
        "=?utf-8?q?<ceo@corp.example>?= <x@evil.example>",
        [("<ceo@corp.example>", "x@evil.example")],
        {Defect.SPECIAL_IN_ENCODED_WORD},
    ),
    ("=?utf-8?q?Doe,John?= <x@evil.example>", [("Doe,John", "x@evil.example")], {Defect.SPECIAL_IN_ENCODED_WORD}),
    ("=?utf-8?q?Doe, John?= <x@evil.example>", [("Doe, John", "x@evil.example")], {Defect.UNQUOTED_COMMA}),
    ('"=?utf-8?q?J=C3=B6rg?=" <x@evil.example>', [("Jörg", "x@evil.example")], {Defect.ENCODED_WORD_IN_QUOTED_STRING}),
    (
        "<=?utf-8?q?ceo=40corp.example?=>",
        [("", "=?utf-8?q?ceo=40corp.example?=")],
        {Defect.ENCODED_WORD_IN_ADDRESS, Defect.INVALID_ADDRESS},
    ),
    (
        "=?utf-8?q?a?= <=?utf-8?q?ceo?=@evil.example>",
        [("a", "=?utf-8?q?ceo?=@evil.example")],
        {Defect.ENCODED_WORD_IN_ADDRESS},
    ),
    ("=?utf-8?b?????= <x@evil.example>", [("", "x@evil.example")], {Defect.INVALID_ENCODED_WORD}),
    ("=?none?q?John?= <x@evil.example>", [("John", "x@evil.example")], {Defect.UNKNOWN_CHARSET}),
    ("=?utf-8?q?John=0D=0A?= <x@evil.example>", [("John", "x@evil.example")], {Defect.LINE_BREAK_IN_ENCODED_WORD}),
    # Groups
    ("A: B: x@evil.example;", [("", ""), ("", "x@evil.example")], {Defect.NESTED_GROUP}),
    ("ceo@corp.example: x@evil.example;", [("", "x@evil.example")], {Defect.UNQUOTED_AT_SIGN}),
    ("Doe, John: <x@evil.example>;", [("", "x@evil.example")], {Defect.UNQUOTED_COMMA}),
    ("A: x@evil.example (;)", [(";", "x@evil.example")], set()),
]


@pytest.mark.parametrize(("value", "mailboxes", "defects"), CASES, ids=[case[0] or "empty" for case in CASES])
def test_every_mailbox_is_found_and_every_slip_named(value, mailboxes, defects):
    """Names and addresses of all that might be shown as the author."""
    found = read_mailboxes(value.encode())
    assert [(mailbox.display_name, mailbox.address_text) for mailbox in found.mailboxes] == mailboxes
    assert found.defects == defects


@pytest.mark.parametrize("value", ["A: B: x@evil.example;", "ceo@corp.example: x@evil.example;", "Jane Roe:;"])
def test_a_group_name_is_a_claim_too(value):
    """A client may show it in the place of a display name."""
    names = [mailbox.group_name for mailbox in read_mailboxes(value.encode()).mailboxes]
    assert names == {"A": ["A", "B"], "c": ["ceo@corp.example"], "J": ["Jane Roe"]}[value[0]]


def test_raw_octets_that_are_not_utf_8_are_read_as_clients_read_them():
    """Windows-1252, and noted."""
    found = read_mailboxes(b"J\xf6rg \x80 <x@evil.example>")
    assert found.mailboxes[0].display_name == "Jörg €"
    assert found.defects == {Defect.INVALID_UTF8}


def test_comments_nested_beyond_reason_do_not_hide_the_address():
    """They are read as if they were none."""
    found = read_mailboxes(b"(" * 2000 + b"John Doe" + b")" * 2000 + b" <x@evil.example>")
    assert [(mailbox.display_name, mailbox.address_text) for mailbox in found.mailboxes] == [
        ("John Doe", "x@evil.example")
    ]
    assert found.defects == {Defect.COMMENT_TOO_DEEP, Defect.STRAY_PARENTHESIS, Defect.TOO_MANY_TOKENS}


def test_comments_nested_within_reason_are_read():
    """Thirty deep is still a comment."""
    found = read_mailboxes(b"(" * 30 + b"John Doe" + b")" * 30 + b" <x@evil.example>")
    assert found.mailboxes[0].address_text == "x@evil.example"
    assert not found.defects


def test_the_last_of_thousands_of_addresses_is_found():
    """What lies between is not read; but a program that takes the last one shall not be alone in seeing it."""
    found = read_mailboxes(b"a@corp.example, " * 5000 + b"Jane Roe <x@evil.example>")
    assert len(found.mailboxes) < 1000
    assert found.mailboxes[0].address_text == "a@corp.example"
    assert found.mailboxes[-1].address_text == "x@evil.example"
    assert found.defects == {Defect.TOO_MANY_TOKENS}
