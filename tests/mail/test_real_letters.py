"""Real mail, malformed test messages of other projects and published spoofing cases: all are read, none is lost.

They are not part of the repository, because real mail has real people in it. SOSIE_LETTERS names a folder with
`raw_eml/` (whole messages) and `parser/` (messages made to break parsers); the default stands beside the repository.
"""

import email
import email.policy
import gzip
import json
import os
from email.utils import getaddresses
from itertools import islice
from pathlib import Path

import pytest

from sosie.mail.defect import Defect
from sosie.mail.header_fields import MAX_HEADER_FIELDS, MAX_HEADER_SECTION_SIZE
from sosie.mail.message import Message

REPOSITORY = Path(__file__).parents[2]
LETTERS = (REPOSITORY / os.environ.get("SOSIE_LETTERS", "../shared/letters")).resolve()

pytestmark = pytest.mark.skipif(not LETTERS.is_dir(), reason=f"SOSIE_LETTERS: no folder {LETTERS}")


def files(folder):
    return sorted(path for path in (LETTERS / folder).rglob("*") if path.is_file())


def read_everything(raw):
    message = Message.from_bytes(raw)
    for field in message.header_fields:
        assert message.header_section.named(field.name)
        assert raw[field.offset :].lstrip(b" \t").lower().startswith(field.name.lower().encode()[:1])
    assert len(message.header_fields) <= MAX_HEADER_FIELDS
    assert sum(len(field.value) for field in message.header_fields) <= MAX_HEADER_SECTION_SIZE
    for text in (message.subject, message.message_id, *(mailbox.display_name for mailbox in message.author)):
        assert not set(text) & set("\0\r\n")
    return message


def listed(every):
    """One of so many messages of the list archives, as its header section, and the archive it comes from."""
    found = sorted(LETTERS.glob("list-*.jsonl.gz"))
    if not found:
        pytest.skip(f"SOSIE_LETTERS: no list-*.jsonl.gz in {LETTERS}")
    for path in found:
        with gzip.open(path, "rt", encoding="ascii") as lines:
            for line in islice(lines, 0, None, every):
                fields = "".join(f"{name}: {value}\r\n" for name, value in json.loads(line)["h"])
                yield path.name, Message.from_bytes(fields.encode("latin-1", "replace"))


def test_real_list_mail_shows_its_list():
    """Each with its identifier, which archives are named after; but for the spam that came around the list."""
    messages = 0
    missing = 0
    for archive, message in listed(every=20):
        found = message.mailing_list
        assert found is None or f"list-{found.list_id}." in archive
        messages += 1
        missing += found is None
        assert message.return_path or message.null_reverse_path
        assert message.delivered_to
    assert missing <= messages / 100


def test_real_authentication_results_are_read():
    """Nearly none is empty or ambiguous; what a host on the way says of DMARC comes with the domain it is about."""
    fields = [field for _, message in listed(every=20) for field in message.authentication_results]
    assert sum(field.ambiguous for field in fields) <= len(fields) / 1000
    assert sum(not field.results for field in fields) <= len(fields) / 100
    dmarc = [result for field in fields for result in field.results if result.method == "dmarc"]
    assert dmarc
    assert all(result.properties.get("header.from") or result.properties.get("d") for result in dmarc)


def test_messages_made_to_break_parsers_are_read():
    """Whatever they are: even pictures and sounds."""
    found = files("parser")
    if not found:
        pytest.skip(f"SOSIE_LETTERS: no parser/ in {LETTERS}")
    for path in found:
        assert isinstance(read_everything(path.read_bytes()).defects, frozenset)


def test_real_messages_are_read_without_loss_and_nearly_without_defects():
    """Every one has an author with an address; defects are rare enough to mean something."""
    found = files("raw_eml")
    if not found:
        pytest.skip(f"SOSIE_LETTERS: no raw_eml/ in {LETTERS}")
    messages = [read_everything(path.read_bytes()) for path in found]
    assert all(message.author and message.author[0].address for message in messages)
    assert all(message.message_id for message in messages)
    assert sum(bool(message.author_defects) for message in messages) <= len(messages) // 100


def test_real_messages_are_read_as_the_email_package_reads_them():
    """The same fields and the same addresses."""
    for path in files("raw_eml"):
        raw = path.read_bytes()
        ours = Message.from_bytes(raw)
        theirs = email.message_from_bytes(raw.partition(b"\n\n")[0] + b"\n\n", policy=email.policy.compat32)
        assert [field.name for field in ours.header_fields] == theirs.keys(), path.name
        addresses = [address for _, address in getaddresses([str(value) for value in theirs.get_all("from")])]
        assert [mailbox.address_text for mailbox in ours.author] == addresses, path.name


def test_published_spoofing_cases_show_every_sender():
    """Each case of more than one reading gives more than one mailbox or a defect that says why it might."""
    found = [path for path in files("parser") if path.parent.name == "spoofing"]
    if not found:
        pytest.skip(f"SOSIE_LETTERS: no parser/spoofing/ in {LETTERS}")
    slips = {Defect.SPACE_BEFORE_COLON, Defect.FOLDED_BEFORE_COLON, Defect.LEADING_WHITE_SPACE, Defect.REPEATED_FROM}
    for path in found:
        raw = path.read_bytes()
        message = Message.from_bytes(raw)
        head = raw.partition(b"\r\n\r\n")[0]
        from_lines = head.count(b"From:") + head.count(b"From :") + head.count(b"From\r\n :")
        assert len(message.author) >= from_lines >= 1, path.name
        assert from_lines == 1 or message.defects & slips, path.name
