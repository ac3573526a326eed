"""What is like a protected name in a small registry: short forms, initials, one slip; and what is another name."""

from __future__ import annotations

import pytest

from sosie.detection.how import (
    AMONG_WORDS,
    EXACT,
    JOINED,
    ONE_EDIT,
    ONLY_INITIALS,
    OTHER_SPELLING,
    SHORT_FORM,
    SHORTENED,
    TRANSLITERATED,
    TWO_EDITS,
    WITHOUT_MIDDLE,
)
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
        "Roberd Tistlemach",  # three slips
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


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("Torwald Quillfeather", "TQuillfeather"),
        ("Torwald Quillfeather", "tquillfeather"),
        ("Torwald Quillfeather", "quillfeathert"),
        ("Torwald Quillfeather", "TorwaldQ"),
        ("Torwald Quillfeather", "Torwald Q."),
        ("Greta Ilmar-Kostrand", "Greta IK"),
        ("Jane Quinn Roewald", "J. Q. Roewald"),
        ("Jane Quinn Roewald", "JQ Roewald"),
        ("j.roewald", "Jane Roewald"),
        ("Torwald Q", "Torwald Quillfeather"),
        ("J. Q. Roewald", "Jane Quinn Roewald"),
    ],
)
def test_a_name_that_is_shortened_to_one_word(name, way):
    """It is found by that word and the first letters of the others, whichever of the two is registered."""
    index = Index(people((name, "a@example.com"), ("Hilda Vargapell", "b@example.com")))
    assert [(match.identity.name, match.how) for match in index.named(way)] == [(name, SHORTENED)]


def test_the_word_of_a_shortened_name_is_rare():
    """Where two people have it, the initial says too little."""
    names = ("Jane Roewald", "Hilda Roewald", "Jane Vargapell")
    index = Index(people(*((name, f"p{number}@example.com") for number, name in enumerate(names))))
    assert index.named("JRoewald") == ()
    assert index.named("Jane R.") == ()
    index.remove("2")
    assert index.named("JRoewald")[0].how == SHORTENED


def test_a_particle_stands_between_an_initial_and_a_name():
    """`van der` is no other name."""
    index = Index([person("Jan van der Meeringen", "jm@example.com")])
    assert index.named("J. van der Meeringen")[0].how == ONLY_INITIALS


@pytest.mark.parametrize(
    ("way", "found"),
    [
        ("Torwalt Quilfeather", True),  # one in each word
        ("Torwadl Quillfaether", True),
        ("Torwald Kwillfeather", True),  # two in one word, the other is rare
        ("Quilfeater, Torwald", True),
        ("Torwalt Quilfeater", False),  # three
        ("Thorwalt Quillfeather Ash", False),  # not the whole name
        ("Torwald Kwilfeater", False),
    ],
)
def test_two_slips(way, found):
    """They count in long words."""
    index = Index(people(("Torwald Quillfeather", "a@example.com"), ("Anna Loo", "b@example.com")))
    assert [match.how for match in index.named(way)] == ([TWO_EDITS] if found else [])
    assert index.named("Ana Lu") == ()


@pytest.mark.parametrize("other", ["Marika Ashgrove", "Mariko Ashgrove", "Marik Ashgrove"])
def test_a_last_vowel_makes_another_name(other):
    """It is no slip, but somebody's sister."""
    index = Index([person("Marike Ashgrove", "ma@example.com")])
    assert index.named(other) == ()
    assert index.named("Mayike Ashgrove")[0].how == ONE_EDIT


@pytest.mark.parametrize(
    ("name", "way", "how"),
    [
        ("Javi Merindal", "Javier Merindal Cachotta", SHORT_FORM),
        ("Javier Merindal Cachotta", "Javi Merindal", SHORT_FORM),
        ("wangxiaolan", "Xiaolan Wang", JOINED),
        ("Torwald Quillfeather", "torwaldquillfeather.1217", JOINED),
        ("Torwald Quillfeather", "T0rwaldQu1llfeather", JOINED),
        ("Wang Xiaolan", "王晓岚", TRANSLITERATED),
        ("王晓岚", "Hsiao-Lan Wang", OTHER_SPELLING),
        ("王岚", "Lan Wang", OTHER_SPELLING),
        ("Wang Lan", "王岚-软件部", OTHER_SPELLING),
        ("Zhang Zhilan", "Chang Chih-lan", OTHER_SPELLING),
        ("Ευθύμιος Μπαλταρίδης", "Efthymios Baltaridis", TRANSLITERATED),
        ("Efthymios Baltaridis", "Ευθύμιος Μπαλταρίδης", TRANSLITERATED),
        ("प्रिया सिंहवाल", "Priya Singhwal", TRANSLITERATED),
    ],
)
def test_other_ways_to_write_a_name(name, way, how):
    """They are found, and those that many people share count less."""
    index = Index(people((name, "a@example.com"), ("Hilda Vargapell", "b@example.com")))
    assert [(match.identity.name, match.how) for match in index.named(way)] == [(name, how)]


def test_a_name_that_leaves_takes_its_spellings_along():
    """Nothing is left of it."""
    names = ("王晓岚", "Ευθύμιος Μπαλταρίδης", "Torwald Quillfeather", "Torwald Q")
    index = Index(people(*((name, f"p{number}@example.com") for number, name in enumerate(names))))
    index.prepare()
    for number in range(1, len(names) + 1):
        index.remove(str(number))
    for way in (
        "Hsiao-Lan Wang",
        "Efthymios Baltaridis",
        "TQuillfeather",
        "Torwald Quilfeater",
        "Torwald Quillfeather",
    ):
        assert index.named(way) == ()
