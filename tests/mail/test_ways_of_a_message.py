"""Who passed a message on, to whom, and what kind of message it is: as far as its header says."""

import pytest

from sosie.mail.address import Address
from sosie.mail.content_type import MAX_PARAMETERS, ContentType
from sosie.mail.mailbox import Mailbox
from sosie.mail.message import MAX_RECIPIENTS, Message


def message(*fields):
    return Message.from_bytes("".join(field + "\r\n" for field in fields).encode())


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("<jane@example.com>", Address("jane", "example.com")),
        (" < jane@example.com > (as sent)", Address("jane", "example.com")),
        ("jane@example.com", Address("jane", "example.com")),
        ("<@relay.example,@b.example:jane@example.com>", Address("jane", "example.com")),
        ('<"a:b>"@example.com>', Address("a:b>", "example.com")),
        ("<jane@[IPv6:2001:db8::1]>", Address("jane", "[IPv6:2001:db8::1]")),
        ("<MAILER-DAEMON>", None),
    ],
)
def test_the_return_path_is_read(value, address):
    """RFC 5321, 4.4, and the obsolete source route (4.1.2)."""
    found = message(f"Return-Path: {value}")
    assert found.return_path == address
    assert not found.null_reverse_path


def test_the_topmost_return_path_counts():
    """Final delivery puts its own on top."""
    found = message("Return-Path: <>", "Return-Path: <jane@example.com>")
    assert (found.return_path, found.null_reverse_path) == (None, True)
    assert message("return-path:").null_reverse_path
    assert not message("Subject: <>").null_reverse_path


def test_recipients_are_those_of_to_and_cc():
    """In this order, groups included, and bounded."""
    found = message("Cc: b@example.com", "To: Team: Jane Roe <jane@example.com>, joe@example.com;")
    assert found.recipients == (
        Mailbox("Jane Roe", "jane@example.com", group_name="Team"),
        Mailbox("", "joe@example.com", group_name="Team"),
        Mailbox("", "b@example.com"),
    )
    many = ", ".join(f"a{number}@example.com" for number in range(200))
    assert len(message(f"To: {many}", f"Cc: {many}").recipients) == MAX_RECIPIENTS


def test_to_whom_it_was_delivered():
    """Each address once."""
    found = message(
        "Delivered-To: jane@example.com",
        "X-Original-To: office@example.com",
        "Delivered-To: list@example.org",
        "Envelope-To: jane@example.com, joe@example.com",
    )
    assert [address.text for address in found.delivered_to] == [
        "jane@example.com",
        "list@example.org",
        "office@example.com",
        "joe@example.com",
    ]


def test_who_passed_it_on():
    """Resent fields stand in blocks, the last one on top (RFC 5322, 3.6.6)."""
    found = message("Resent-From: B <b@example.com>", "Resent-Sender: s@example.com", "Resent-From: a@example.com")
    assert found.resent_from == (Mailbox("B", "b@example.com"), Mailbox("", "a@example.com"))
    assert found.resent_sender == (Mailbox("", "s@example.com"),)
    assert found.is_forwarded_message


def test_whom_a_mediator_has_replaced():
    """What groups and gateways keep of the author whose From they rewrote."""
    found = message("X-Original-From: Jane Roe <jane@example.com>", "X-Original-Sender: jane@example.com")
    assert found.original_from == (Mailbox("Jane Roe", "jane@example.com"),)
    assert found.original_sender == Address("jane", "example.com")
    assert message("X-Google-Original-From: jane@example.com").original_from == (Mailbox("", "jane@example.com"),)


def test_a_message_without_such_fields_has_empty_facts():
    """Nothing is guessed."""
    found = message("From: jane@example.com", "Subject: Fwd: bounce")
    assert (found.return_path, found.original_sender, found.mailing_list) == (None, None, None)
    assert (found.recipients, found.delivered_to, found.resent_from, found.resent_sender) == ((),) * 4
    assert (found.original_from, found.dkim_signing_domains, found.authentication_results) == ((),) * 3
    assert found.arc_authentication_results == ()
    assert (found.auto_submitted, found.precedence, found.report_type) == ("", "", "")
    assert (found.is_report, found.is_calendar, found.is_forwarded_message, found.null_reverse_path) == (False,) * 4


@pytest.mark.parametrize(
    ("value", "keyword"),
    [
        ("auto-replied", "auto-replied"),
        ("Auto-Generated (rejected); owner-email=x@example.com", "auto-generated"),
        ("(vacation) auto-replied; a=b", "auto-replied"),
        ("no", "no"),
        ("", ""),
        (";", ""),
    ],
)
def test_automatic_submission_is_told(value, keyword):
    """RFC 3834, 5, without its parameters; "no" is a person's."""
    assert message(f"Auto-Submitted: {value}").auto_submitted == keyword


def test_precedence_is_told():
    """In lower case."""
    assert message("Precedence: Bulk").precedence == "bulk"


@pytest.mark.parametrize(
    ("value", "media_type", "parameters"),
    [
        (
            'multipart/report; report-type="delivery-status";\r\n boundary="a;b=\\"c"',
            "multipart/report",
            {"report-type": "delivery-status", "boundary": 'a;b="c'},
        ),
        ("Text/HTML ; Charset = utf-8 (comment) ; x=y", "text/html", {"charset": "utf-8"}),
        ("(a) text / plain;;a=b", "text/plain", {}),
        ("text/plain; a=1; A=2", "text/plain", {"a": "1"}),
        ("text", "text/plain", {}),
        ("", "text/plain", {}),
    ],
)
def test_the_content_type_is_read(value, media_type, parameters):
    """RFC 2045, 5.1; what cannot be read is plain text (5.2)."""
    found = message(f"Content-Type: {value}").content_type
    assert found.media_type == media_type
    assert parameters.items() <= dict(found.parameters).items()


def test_parameters_are_bounded():
    """However many there are."""
    value = "".join(f"; p{number}=x" for number in range(100))
    assert len(message(f"Content-Type: text/plain{value}").content_type.parameters) == MAX_PARAMETERS


def test_a_report_is_told_by_its_type():
    """RFC 6522; the type of the report comes with it."""
    found = message("Content-Type: multipart/report; report-type=Delivery-Status; boundary=x")
    assert (found.is_report, found.report_type) == (True, "delivery-status")
    found = message("Content-Type: multipart/mixed; report-type=delivery-status")
    assert (found.is_report, found.report_type) == (False, "")


def test_a_calendar_object_and_a_forwarded_message_are_told():
    """Where they are the whole message; within a multipart they stand in the body, which is not read."""
    assert message("Content-Type: text/calendar; method=REQUEST").is_calendar
    assert message("Content-Type: message/rfc822").is_forwarded_message
    assert message("X-Forwarded-To: jane@example.com").is_forwarded_message
    found = message("Content-Type: multipart/alternative; boundary=x", "Subject: Invitation")
    assert (found.is_calendar, found.is_forwarded_message) == (False, False)
    assert found.content_type == ContentType("multipart/alternative", {"boundary": "x"})
