"""How domains pass themselves off as others: each way is found and named; neighbours are left in peace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.likeness.domain_likeness import STRONG, WEAK, DomainLikenessKind, likeness
from sosie.likeness.domain_name import a_label_domain

CONFUSABLE, EDIT, HYPHEN, DOT, SUBDOMAIN, COUSIN, SUFFIX = DomainLikenessKind

# Invented names; their domains are reserved ones (RFC 2606, RFC 6761).
NAMES = ("northwind", "ferrostahl", "quillon", "zephyrix", "tonwerkstatt", "ab-consulta", "bluepeak")


@pytest.mark.parametrize(
    ("claimed", "kind"),
    [
        ("examp1e.com", CONFUSABLE),
        ("exarnple.com", CONFUSABLE),
        ("exannple.com", CONFUSABLE),
        ("exаmple.com", CONFUSABLE),  # Cyrillic
        ("xn--exmple-4nf.com", CONFUSABLE),  # the same as an A-label
        ("exämple.com", CONFUSABLE),
        ("exɑmplę.com", CONFUSABLE),
        ("ｅxample.com", CONFUSABLE),
        ("examрӏе.com", CONFUSABLE),
        ("exampIe.com", CONFUSABLE),  # a capital I
        ("ехаmрlе.net", CONFUSABLE),  # and another suffix
        ("exmple.com", EDIT),
        ("exmaple.com", EDIT),
        ("exaample.com", EDIT),
        ("exanple.com", CONFUSABLE),
        ("examplw.com", EDIT),
        ("exampleq.com", EDIT),
        ("mail.exajple.com", EDIT),
        ("ex-ample.com", HYPHEN),
        ("exam-ple.com", HYPHEN),
        ("e.xample.com", DOT),
        ("exam.ple.com", DOT),
        ("example.com.evil.example", SUBDOMAIN),
        ("mail.example.com.evil.example", SUBDOMAIN),
        ("examp1e.com.evil.example", SUBDOMAIN),
        ("example-com.evil.example", SUBDOMAIN),
        ("example-com.net", COUSIN),
    ],
)
def test_strong_likenesses(claimed, kind):
    """Each is evidence by itself, under its own name."""
    found = likeness(claimed, "example.com")
    assert found is not None
    assert (found.kind, found.strong) == (kind, True), found
    assert found.protected == "example.com"


@pytest.mark.parametrize(
    ("claimed", "kind"),
    [
        ("example.net", SUFFIX),
        ("example.co", SUFFIX),
        ("example.com.mx", SUFFIX),
        ("example-group.com", COUSIN),
        ("examplemail.com", COUSIN),
        ("secure-example.com", COUSIN),
        ("mail-example.net", COUSIN),
        ("my-example-payments.com", COUSIN),
        ("myexamplehr.com", COUSIN),
        ("example24.com", COUSIN),
        ("example-kilimanjaro.com", COUSIN),
        ("example.evil.example", SUBDOMAIN),
        ("example-login.evil.example", SUBDOMAIN),
    ],
)
def test_weak_likenesses(claimed, kind):
    """Honest domains look like this too: it counts together with the same local part, and not alone."""
    found = likeness(claimed, "example.com")
    assert found is not None
    assert found.kind == kind
    assert WEAK <= found.confidence < STRONG


@pytest.mark.parametrize(
    ("claimed", "protected"),
    [
        ("example.com", "example.com"),
        ("mail.example.com", "example.com"),
        ("EXAMPLE.com.", "mail.example.com"),
        ("xn--exmple-cua.com", "exämple.com"),
        ("sample.com", "example.com"),  # two edits in a short name
        ("temple.com", "example.com"),
        ("ab.com", "ac.com"),  # every pair of letters is somebody
        ("abd.net", "abc.com"),
        ("mailgroup.com", "mail.com"),  # common words claim nobody
        ("secure-online.com", "online.example"),
        ("security.example", "secur.example"),
        ("192.0.2.1", "example.com"),
        ("example", "example.com"),
        ("", "example.com"),
        ("example.com", "co.uk"),
    ],
)
def test_no_likeness(claimed, protected):
    """The same domain in another spelling, a neighbour, a common word, and what is no domain."""
    assert likeness(claimed, protected) is None


def test_confidence_grows_with_the_length_of_the_name():
    """One letter of four is a coincidence; one of ten is not."""
    edits = [
        ("acme", "acne"),
        ("amber", "amper"),
        ("quillon", "quilon"),
        ("zephyrix", "zepyrix"),
        (NAMES[4], NAMES[4][1:]),
    ]
    found = [likeness(f"{one}.example", f"{other}.example") for other, one in edits]
    confidences = [one.confidence for one in found if one is not None]
    assert len(confidences) == len(edits)
    assert confidences == sorted(confidences)
    assert confidences[0] < STRONG <= confidences[-1]


def test_a_likeness_to_a_free_mail_provider_is_weak():
    """A domain of millions claims nobody in particular; and another provider is no look-alike of it."""
    assert 0 < likeness("gmial.com", "gmail.com").confidence < STRONG
    assert likeness("mail.com", "gmail.com").confidence < WEAK


@pytest.mark.parametrize(
    ("claimed", "words"),
    [
        ("examp1e.com", "1 in place of l"),
        ("exarnple.com", "rn in place of m"),
        ("exаmple.com", "U+0430 CYRILLIC SMALL LETTER A in place of a"),
        ("exmple.com", "a is left out"),
        ("exampule.com", "u is put in"),
        ("example.net", ".net in place of .com"),
        ("example-group.com", "example with group around it"),
        ("example.com.evil.example", "example.com stands before the domain evil.example"),
        ("exam.ple.com", "a dot divides example"),
        ("ex-ample.com", "ex-ample is example but for hyphens"),
    ],
)
def test_the_explanation_says_what_deceives(claimed, words):
    """A person who reads it sees what the eye missed."""
    assert likeness(claimed, "example.com").explanation == words


def _slips(name):
    """Every domain that one slip of the finger, one letter more or one bit makes of a name, by recipe."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    places = range(len(name))
    yield "omission", [name[:at] + name[at + 1 :] for at in places]
    yield "transposition", [name[:at] + name[at + 1] + name[at] + name[at + 2 :] for at in places[:-1]]
    yield "repetition", [name[:at] + name[at] + name[at:] for at in places]
    yield "replacement", [name[:at] + letter + name[at + 1 :] for at in places for letter in letters]
    yield "insertion", [name[:at] + letter + name[at:] for at in places for letter in letters]
    yield "addition", [name + letter for letter in letters]
    yield "hyphenation", [name[:at] + "-" + name[at:] for at in places[1:]]
    yield "dots", [name[:at] + "." + name[at:] for at in places[1:]]
    bits = ((at, chr(ord(name[at]) ^ 1 << bit)) for at in places for bit in range(7))
    yield "bits", [name[:at] + letter + name[at + 1 :] for at, letter in bits if letter in letters]


@pytest.mark.parametrize("name", NAMES)
def test_every_slip_is_found(name):
    """All of the recipes that squatters' tools have for names, on every place and with every letter."""
    missed = [
        (recipe, variant)
        for recipe, variants in _slips(name)
        for variant in variants
        if variant != name and "-." not in variant and ".-" not in variant
        if (found := likeness(f"{variant}.example", f"{name}.example")) is None or found.confidence < WEAK
    ]
    assert missed == []


WORDS = "mail group corp secure hr payments support team inc online global".split()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("word", WORDS)
def test_every_cousin_is_found(name, word):
    """A word before or behind the name, with a hyphen or without."""
    for cousin in (f"{name}-{word}", f"{name}{word}", f"{word}-{name}", f"{word}{name}"):
        found = likeness(f"{cousin}.test", f"{name}.example")
        assert found is not None, cousin
        assert found.confidence >= WEAK, cousin


domains = st.text("abcio01-.äа", max_size=12) | st.text(max_size=12)


@given(domains, domains)
def test_any_two_texts_can_be_compared(one, other):
    """Nothing raises; a confidence is one; both notations give one answer."""
    found = likeness(one, other + ".com")
    if found is not None:
        assert 0 < found.confidence <= 1
        assert found == likeness(a_label_domain(one), other + ".com")
