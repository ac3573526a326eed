"""The short cuts for strangers' mail and for people's own come to what the techniques come to."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from sosie.detection.examine import examine, examine_closely
from sosie.detection.exemptions import Envelope
from sosie.detection.index import Index
from sosie.detection.knowledge import Knowledge
from sosie.detection.strangers import is_own, is_strangers
from sosie.mail.message import Message
from sosie.mail.trusted_results import TrustedResults
from support.judgement import knowledge_of, people, person, read_knowledge

PIECES = (b"authentication-results", b"from", b"reply-to", b"sender", b"subject", b"list-id", b"list-post")
LETTERS = Path(__file__).parents[1] / "letters"
FILES = sorted(LETTERS.glob("*/*.eml"))
JANE = people(("Jane Roe", "jane.roe@example.com"))
STRANGER = b"From: Bob Builder <bob@mail.example>\r\nSubject: Bricks\r\n\r\n"


def letter(*lines: str) -> Message:
    return Message.from_bytes("\r\n".join((*lines, "", "")).encode())


def test_most_mail_is_decided_at_once():
    """A message that names nobody is a stranger's, and one that names somebody is not."""
    knowledge = knowledge_of(JANE)
    assert is_strangers(Message.from_bytes(STRANGER), knowledge)
    assert is_strangers(letter("From: a@gmail.com", "Reply-To: b@gmail.com", "Sender: c@x.example"), knowledge)
    for fields in (
        ("From: Jane Roe <x@mail.example>",),
        ("From: x@mail.example", "Reply-To: Jane Roe <y@mail.example>"),
        ("From: x@mail.example", "Sender: Jane Roe <y@mail.example>"),
        ("From: x@mail.example", "X-Original-From: Jane Roe <y@mail.example>"),
        ("From: x@gmail.com", "Subject: Jane Roe"),
        ("From: x@examp1e.com",),
        ("From: anybody@example.com",),
        ("From: jane.roe@gmail.com",),
        ("From: x@mail.example", "From: y@mail.example"),
        ("From: x@mail.example, Jane Roe <y@mail.example>",),
        ("Subject: nobody",),
    ):
        assert not is_strangers(letter(*fields), knowledge), fields


HOST = "mx.example.com"
OWN = "From: Jane Roe <jane.roe@example.com>"


def test_peoples_own_mail_is_decided_at_once():
    """Name and address are one person's, nothing else is claimed, and nobody has found that it is forged."""
    knowledge = Knowledge(Index(JANE), trusted_authserv_ids=frozenset({HOST}))
    passed = f"Authentication-Results: {HOST}; dmarc=pass header.from=example.com"
    for fields in (
        (OWN,),
        (passed, OWN),
        (passed, OWN, "List-Id: <board.example.com>", "Sender: board@lists.example", "Precedence: list"),
        (OWN, "Reply-To: jane.roe@example.com"),
        ("Authentication-Results: elsewhere.example; dmarc=fail header.from=example.com", OWN),
    ):
        assert is_own(letter(*fields), knowledge, Envelope()), fields
    failed = passed.replace("=pass", "=fail")
    for fields in (
        ("From: Jane Roe <x@mail.example>",),
        (failed, OWN),
        (passed.replace("dmarc=pass", "dmarc=none"), OWN),
        (failed, passed, OWN),
        (OWN, "Reply-To: x@gmail.com"),
        (OWN, "Reply-To: Jane Roe <x@mail.example>"),
        (OWN, "Sender: Jane Roe <x@mail.example>"),
        (OWN, "From: x@mail.example"),
        (OWN, "X-Original-From: x@mail.example"),
        (f"{OWN}, x@mail.example",),
        ("From: Jane Roe x@mail.example <jane.roe@example.com>",),
    ):
        assert not is_own(letter(*fields), knowledge, Envelope()), fields


def test_own_mail_is_judged_by_what_was_verified_here():
    """Where no trusted host has left results, ours count."""
    knowledge = Knowledge(Index(JANE))
    passed = TrustedResults(dmarc="pass", dmarc_domain="example.com", authserv_ids=(HOST,))
    assert is_own(letter(OWN), knowledge, Envelope(verified=passed))
    assert not is_own(letter(OWN), knowledge, Envelope(verified=passed._replace(dmarc="fail")))


@pytest.mark.parametrize("change", ["entry", "domain", "no entry"])
def test_what_is_remembered_is_forgotten_when_the_index_changes(change):
    """A stranger of a minute ago may be protected now, and the other way round."""
    index = Index(people(("Bob Builder", "bob@example.com")) if change == "no entry" else [])
    knowledge = Knowledge(index)
    message = Message.from_bytes(STRANGER)
    before = is_strangers(message, knowledge)
    if change == "entry":
        index.add(person("Bob Builder", "bob@example.com"))
    elif change == "domain":
        index.domains.protect("mail.example")
    else:
        index.remove("1")
    assert is_strangers(message, knowledge) is not before


def test_who_is_no_longer_registered_has_no_mail_of_their_own():
    """Nor has who got another address."""
    index = Index(JANE)
    knowledge = Knowledge(index)
    assert is_own(letter(OWN), knowledge, Envelope())
    index.remove("1")
    assert not is_own(letter(OWN), knowledge, Envelope())
    index.add(person("Jane Roe", "jane@example.net"))
    assert not is_own(letter(OWN), knowledge, Envelope())


@pytest.mark.parametrize(
    "folder", sorted({file.parent for file in FILES} - {LETTERS / "plain"}), ids=lambda folder: folder.name
)
def test_it_says_what_the_techniques_say(folder):
    """For every letter, and for 400 that are put together of pieces of all letters, as forgers and chance do."""
    knowledge = read_knowledge(folder)
    pieces = {name: [b""] for name in PIECES}
    for file in FILES:
        message = Message.from_bytes(file.read_bytes())
        for name, line in zip(message.header_section.names, message.header_section.lines, strict=True):
            if name in pieces:
                pieces[name].append(line)
    chance = random.Random(folder.name)
    mixed = [
        b"".join(line.rstrip(b"\r\n") + b"\r\n" for line in (chance.choice(some) for some in pieces.values()) if line)
        for _ in range(400)
    ]
    strangers = 0
    for raw in (*(file.read_bytes() for file in folder.glob("*.eml")), *mixed):
        message = Message.from_bytes(raw)
        assert examine(message, knowledge) == examine_closely(message, knowledge), raw
        strangers += is_strangers(message, knowledge)
    assert strangers > 5
