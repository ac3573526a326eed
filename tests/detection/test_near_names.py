"""What is like a protected name in a small registry: short forms, initials, one slip; and what is another name."""

from __future__ import annotations

import pytest

from sosie.detection.how import AMONG_WORDS, EXACT, ONE_EDIT, ONLY_INITIALS, SHORT_FORM, WITHOUT_MIDDLE
from sosie.detection.index import Index
from support.judgement import people, person

CROWD = Index(
    people(
        ("Robert Thistlemarch", "rt@example.com"),
        ("Katherine Ashmirren", "ka@example.com"),
        ("Inés Ibarrondo Zubiagarre", "iz@example.com"),
        ("Priscilla Q. Hawkesmoor", "ph@example.com"),
        ("Jane Roe", "jr@example.com"),
        ("Sam Lee", "sl@example.com"),
        ("Sven Lee", "svl@example.com"),
        ("Suryaningtyas", "su@example.com"),
    )
)


@pytest.mark.parametrize(
    ("name", "meant", "how"),
    [
        ("Bob Thistlemarch", "Robert Thistlemarch", SHORT_FORM),
        ("Thistlemarch, Rob", "Robert Thistlemarch", SHORT_FORM),
        ("Kate Ashmirren", "Katherine Ashmirren", SHORT_FORM),
        ("Priscilla Hawkesmoor", "Priscilla Q. Hawkesmoor", EXACT),
        ("Inés Ibarrondo", "Inés Ibarrondo Zubiagarre", WITHOUT_MIDDLE),
        ("Ines Zubiagarre", "Inés Ibarrondo Zubiagarre", WITHOUT_MIDDLE),
        ("Robert James Thistlemarch", "Robert Thistlemarch", WITHOUT_MIDDLE),
        ("Note for Robert Thistlemarch today please", "Robert Thistlemarch", AMONG_WORDS),
        ("Pak Suryaningtyas", "Suryaningtyas", AMONG_WORDS),
        ("R. Thistlemarch", "Robert Thistlemarch", ONLY_INITIALS),
        ("Thistlemarch, R.", "Robert Thistlemarch", ONLY_INITIALS),
        ("R Thistlemarch", "Robert Thistlemarch", ONLY_INITIALS),
        ("Robert Thistlemach", "Robert Thistlemarch", ONE_EDIT),
        ("Robert Thistlemrach", "Robert Thistlemarch", ONE_EDIT),
        ("Robert Tthistlemarch", "Robert Thistlemarch", ONE_EDIT),
        ("Katherime Ashmirren", "Katherine Ashmirren", ONE_EDIT),
    ],
)
def test_what_is_like_a_name(name, meant, how):
    """It is found, and said how it was understood."""
    assert [(match.identity.name, match.how) for match in CROWD.named(name)] == [(meant, how)]


@pytest.mark.parametrize(
    "name",
    [
        "Rosalind Thistlemarch",  # another given name
        "Robert Tistlemach",  # two slips
        "Sam Leo",  # a short word that is a name of its own
        "Kathleen Ashmirren",  # another name, not a form of hers
        "Thistlemarch",  # a surname alone
        "Robert",  # a given name alone
        "R. T.",  # initials alone
        "Q. Roe",  # somebody else's initial
        "Sven Roe",  # words of two people
        "",
        "!!!",
    ],
)
def test_what_is_another_name(name):
    """Nobody is found: half of mankind is like somebody."""
    assert CROWD.named(name) == ()


def test_the_surest_way_is_the_one_that_is_told():
    """Who is named exactly is not also found by an initial."""
    assert [match.identity.name for match in CROWD.named("Sam Lee")] == ["Sam Lee"]
    initials = CROWD.named("S. Lee")
    assert {match.identity.name for match in initials} == {"Sam Lee", "Sven Lee"}
    assert {match.how for match in initials} == {ONLY_INITIALS}


def test_a_slip_counts_only_beside_what_is_rare():
    """Of a short word, where the word beside it is one that no other name of the registry has."""
    rare = Index(people(("Olaf Vargapell", "o@example.com")))
    common = Index(people(("Olaf Vargapell", "o@example.com"), ("Ingrid Vargapell", "i@example.com")))
    assert rare.named("Olar Vargapell")[0].how == ONE_EDIT
    assert common.named("Olar Vargapell") == ()


def test_a_word_that_is_somebodys_name_is_no_slip():
    """The registry knows both, so neither is taken for the other."""
    both = Index(people(("Marten Quillfeather", "a@example.com"), ("Martin Ashgrove", "b@example.com")))
    assert both.named("Martin Quillfeather") == ()


def test_a_name_that_leaves_takes_its_words_along():
    """What was a word of the registry is none any more, and is a slip again."""
    both = Index(people(("Torwald Quillfeather", "a@example.com"), ("Torwalt Ashgrove", "b@example.com")))
    assert both.named("Torwalt Quillfeather") == ()
    both.remove("2")
    assert both.named("Torwalt Quillfeather")[0].how == ONE_EDIT


def test_names_of_one_word_are_found_among_others_if_they_are_long():
    """`Bo` stands in many a name."""
    index = Index([person("Bo", "bo@example.com")])
    assert index.named("Bo Lindqvarn") == ()
    assert index.named("Bo")[0].how == EXACT
