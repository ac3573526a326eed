"""On well-formed messages we read what Python's own email package reads.

Two of its readers are the judges, each where it is right: the modern policy on what the package itself wrote, and
`getaddresses` with `decode_header` on lists spelled by our own grammar. On malformed messages the package loses senders
and raises errors, which is why it is not used (see test_malformed_from.py).
"""

import email
import email.message
import email.policy
from email.header import decode_header, make_header
from email.headerregistry import Address as StdlibAddress
from email.message import EmailMessage
from email.utils import getaddresses

from hypothesis import given
from hypothesis import strategies as st

from sosie.mail.defect import Defect
from sosie.mail.mailbox import read_mailboxes
from sosie.mail.message import Message

ATOM = st.text(st.sampled_from("abcxyzABC019!#$%&'*+-/^_`{|}~"), min_size=1, max_size=12)
DOT_ATOM = st.lists(ATOM, min_size=1, max_size=3).map(".".join)
LABEL = st.text(st.sampled_from("abcxyz019"), min_size=1, max_size=12)
DOMAIN = st.lists(LABEL, min_size=1, max_size=3).map(".".join)
WORD = st.text(st.sampled_from("abcABC019,.;:()<>@[]éöß山田Иван'"), min_size=1, max_size=10)
DISPLAY_NAME = st.lists(WORD, max_size=4).map(" ".join)


def written_by_stdlib(mailboxes, subject):
    """A message as the package writes it: quoted and encoded where necessary, not folded (Python 3.11 loses commas)."""
    message = EmailMessage(policy=email.policy.SMTP.clone(max_line_length=None))
    message["From"] = addresses(mailboxes)
    message["Subject"] = subject
    return message.as_bytes()


@given(st.lists(st.tuples(DISPLAY_NAME, DOT_ATOM, DOMAIN), min_size=1, max_size=4), DISPLAY_NAME)
def test_a_message_written_by_the_package_is_read_as_the_package_reads_it(mailboxes, subject):
    """The same fields, display names, addresses and subject."""
    raw = written_by_stdlib(mailboxes, subject)
    theirs = email.message_from_bytes(raw, policy=email.policy.default)
    ours = Message.from_bytes(raw)
    assert [(mailbox.display_name, mailbox.address_text) for mailbox in ours.author] == [
        (name, f"{local_part}@{domain}") for name, local_part, domain in mailboxes
    ]
    assert ours.subject == subject
    assert [(field.name, field.value) for field in ours.header_fields] == [
        (name, value.replace("\r\n", "").strip().encode()) for name, value in theirs.raw_items()
    ]


def addresses(mailboxes):
    return [StdlibAddress(name, local_part, domain) for name, local_part, domain in mailboxes]


MAILBOXES = st.lists(st.tuples(DISPLAY_NAME, DOT_ATOM, DOMAIN), min_size=1, max_size=3)
PARAMETER = st.text(st.sampled_from("abc019 ;,:=()<>@/'.\""), min_size=1, max_size=12)  # theirs loses backslashes


@given(MAILBOXES, MAILBOXES, MAILBOXES, MAILBOXES)
def test_every_field_of_mailboxes_is_read_as_the_package_reads_it(to, cc, reply_to, resent_from):
    """Recipients, Reply-To and Resent-From."""
    message = EmailMessage(policy=email.policy.SMTP.clone(max_line_length=None))
    fields = {"To": to, "Cc": cc, "Reply-To": reply_to, "Resent-From": resent_from}
    for name, mailboxes in fields.items():
        message[name] = addresses(mailboxes)
    raw = message.as_bytes()
    theirs = email.message_from_bytes(raw, policy=email.policy.default)
    ours = Message.from_bytes(raw)
    for name, mailboxes in (("To", ours.recipients[: len(to)]), ("Cc", ours.recipients[len(to) :])):
        assert [mailbox.address_text for mailbox in mailboxes] == [one.addr_spec for one in theirs[name].addresses]
        assert [mailbox.display_name for mailbox in mailboxes] == [name for name, _, _ in fields[name]]
    assert [(found.display_name, found.address_text) for found in ours.reply_to] == pairs(reply_to)
    assert [(found.display_name, found.address_text) for found in ours.resent_from] == pairs(resent_from)


def pairs(mailboxes):
    return [(name, f"{local_part}@{domain}") for name, local_part, domain in mailboxes]


@given(st.sampled_from(["text/plain", "Text/Calendar", "application/ics"]), PARAMETER, LABEL)
def test_a_content_type_is_read_as_the_package_reads_it(media_type, value, charset):
    """The type and its parameters, quoted where necessary."""
    message = email.message.Message(policy=email.policy.compat32)
    message.add_header("Content-Type", media_type, report_type=value, charset=charset)
    raw = message.as_bytes()
    theirs = email.message_from_bytes(raw, policy=email.policy.compat32)
    ours = Message.from_bytes(raw).content_type
    assert ours.media_type == theirs.get_content_type()
    assert ours.parameters == {"report-type": theirs.get_param("report-type"), "charset": theirs.get_param("charset")}
    assert ours.parameters == {"report-type": value, "charset": charset}


def quoted(text):
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def encoded(text):
    return f"=?utf-8?q?{''.join(f'={octet:02X}' for octet in text.encode())}?="


SPACE = st.sampled_from([" ", "  ", "\r\n ", "\r\n\t", " \r\n "])
QUOTABLE = st.text(st.sampled_from('ab ,.;:()<>@[]"\\'), min_size=1, max_size=12).filter(
    lambda text: text == " ".join(text.split())
)
PHRASE_WORD = (
    ATOM
    | QUOTABLE.map(quoted)
    | st.text(st.sampled_from("éöß山田 "), min_size=1, max_size=6).filter(str.strip).map(encoded)
)
COMMENT = st.text(st.sampled_from("abc ,;:<>@."), max_size=8).map(lambda text: f"({text})")
LOCAL_PART = DOT_ATOM | QUOTABLE.map(quoted)


@st.composite
def spelled_mailboxes(draw):
    """A mailbox-list in any of its spellings, by the grammar of RFC 5322, 3.4."""
    spelled = []
    for _ in range(draw(st.integers(1, 3))):
        address = f"{draw(LOCAL_PART)}@{draw(DOMAIN)}"
        words = draw(st.lists(PHRASE_WORD, max_size=4))
        before = "".join(word + draw(SPACE) for word in words)
        spelled.append(f"{before}<{address}>" if words or draw(st.booleans()) else address)
    value = spelled[0]
    for mailbox in spelled[1:]:
        value += draw(st.sampled_from([",", ", ", " ,\r\n "])) + mailbox
    return value


@given(spelled_mailboxes())
def test_every_spelling_of_a_list_is_read_as_the_package_reads_it(value):
    """The same display names and addresses; and nothing of it is a defect."""
    raw = f"From: {value}\r\n\r\n".encode()
    unfolded = value.replace("\r\n", "")
    theirs = [(str(make_header(decode_header(name))), address) for name, address in getaddresses([unfolded])]
    ours = Message.from_bytes(raw)
    assert [(spaced(mailbox.display_name), mailbox.address_text) for mailbox in ours.author] == [
        (spaced(name), address) for name, address in theirs
    ]
    assert not ours.defects


def spaced(text):
    """White space between words is the readers' free choice."""
    return " ".join(text.split())


@given(DOT_ATOM, DOMAIN, COMMENT)
def test_a_name_in_a_comment_is_read_as_the_package_reads_it(local_part, domain, comment):
    """RFC 822's spelling of a mailbox with a name."""
    value = f"{local_part}@{domain} {comment}"
    found = read_mailboxes(value.encode())
    assert [(spaced(mailbox.display_name), mailbox.address_text) for mailbox in found.mailboxes] == [
        (spaced(name), address) for name, address in getaddresses([value])
    ]
    assert found.defects <= {Defect.INVALID_ADDRESS}
