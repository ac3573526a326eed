"""What a pattern may not hold: each refusal names the piece, its place and the reason."""

import pickle

import pytest
import re2

from sosie.registry import java_pattern
from sosie.registry.java_pattern import PatternError, compile_pattern
from sosie.registry.java_pattern_syntax import translate


def refusal(pattern: str) -> PatternError:
    with pytest.raises(PatternError) as caught:
        compile_pattern(pattern)
    return caught.value


@pytest.mark.parametrize(
    ("pattern", "construct", "offset", "words"),
    [
        # cannot run in linear time
        ("ab(?=c)", "(?=", 2, "look-ahead"),
        ("(?!c)", "(?!", 0, "look-ahead"),
        ("a(?<=c)", "(?<=", 1, "look-behind"),
        ("(?<!c)a", "(?<!", 0, "look-behind"),
        ("x(?>ab)", "(?>", 1, "atomic"),
        ("xa++", "a++", 1, "possessive"),
        ("(ab)*+", "(ab)*+", 0, "possessive"),
        ("(a very long group of many letters)?+", "?+", 35, "possessive"),
        ("[ab]{2,3}+", "[ab]{2,3}+", 0, "possessive"),
        ("(a)\\1", "\\1", 3, "back-reference"),
        ("(?<n>a)\\k<n>", "\\k", 7, "back-reference"),
        # RE2 would read it otherwise
        ("[a-z&&[^x]]", "&&", 4, "intersection"),
        ("[a&&&b]", "&&", 2, "intersection"),
        ("[&&b]", "&&", 1, "intersection"),
        ("[a[bc]]", "[", 2, "class within a class"),
        ("x[[:alpha:]]", "[:alpha:]", 2, r"\p{Alpha}"),
        ("[[:xdigit:]]", "[:xdigit:]", 1, r"\p{XDigit}"),
        ("[[:^alpha:]]", "[", 1, "class within a class"),
        ("(?U)\\w", "(?U", 0, "flag U"),
        ("(?x) a", "(?x", 0, "flag x"),
        ("(?ic)a", "(?ic", 0, "flag c"),
        ("a(?-i)b", "(?-i", 1, "case never"),
        ("(?-u:b)", "(?-u", 0, "case never"),
        ("(?P<n>a)", "(?P<", 0, "(?<name>"),
        ("(?P=n)", "(?P", 0, "no such group"),
        ("(?#x)", "(?#", 0, "comment"),
        ("\\C", "\\C", 0, "Java does not have"),
        ("a\\b", "\\b", 1, "word boundary"),
        ("\\Ba", "\\B", 0, "word boundary"),
        ("\\b{g}", "\\b", 0, "word boundary"),
        ("(?:^a)*", "*", 6, "repeats an anchor"),
        ("(a|(b$)){2}", "{2}", 8, "repeats an anchor"),
        ("^*a", "*", 1, "anchor stands before"),
        ("[\\v-z]", "\\v", 1, "hyphen"),
        ("[a\\v-]", "\\v", 2, "hyphen"),
        # no equal in RE2
        ("\\G", "\\G", 0, "previous match"),
        ("a\\X", "\\X", 1, "grapheme"),
        ("\\N{DIGIT ONE}", "\\N", 0, "Unicode name"),
        ("\\p{IsAlphabetic}", "\\p{IsAlphabetic}", 0, r"\p{L}"),
        ("\\p{javaLowerCase}", "\\p{javaLowerCase}", 0, r"\p{LC}"),
        ("\\p{InGreek}", "\\p{InGreek}", 0, "blocks"),
        ("\\p{blk=Greek}", "\\p{blk=Greek}", 0, "blocks"),
        ("\\p{Cn}", "\\p{Cn}", 0, "unassigned"),
        ("x\\pC", "\\pC", 1, "unassigned"),
        ("[^\\P{Lu}a]", "\\P{Lu}", 2, "negated"),
        # errors in Java too
        ("(a", "(", 0, "never closed"),
        ("a(b(c)", "(", 1, "never closed"),
        ("a)b", ")", 1, "closes no group"),
        ("a[bc", "[", 1, "never closed"),
        ("[]", "[", 0, "never closed"),
        ("[^", "[", 0, "never closed"),
        ("[a-", "[", 0, "never closed"),
        ("*a", "*", 0, "nothing stands before"),
        ("a|+", "+", 2, "nothing stands before it in its alternative"),
        ("(?:?)", "?", 3, "nothing stands before it in its group"),
        ("(*a)", "*", 1, "nothing stands before it in its group"),
        ("(?i)*", "*", 4, "flags stand before"),
        ("a**", "*", 2, "another quantifier"),
        ("a{2}{3}", "{3}", 4, "another quantifier"),
        ("a+?+", "+", 3, "another quantifier"),
        ("a{", "{", 1, r"write `\{`"),
        ("a{,3}", "{", 1, r"write `\{`"),
        ("a{x}", "{", 1, r"write `\{`"),
        ("a{1,x}", "{1,x", 1, "not closed"),
        ("a{1", "{1", 1, "not closed"),
        ("{2}a", "{2}", 0, "nothing stands before"),
        ("a{3,2}", "{3,2}", 1, "below its lowest"),
        ("[z-a]", "z-a", 1, "backwards"),
        ("[a-\\d]", "a-\\d", 1, "range ends in one character"),
        ("\\q", "\\q", 0, "Java does not have"),
        ("[\\b]", "\\b", 1, "word boundary"),
        ("[\\z]", "\\z", 1, "between square brackets"),
        ("[\\R]", "\\R", 1, "between square brackets"),
        ("a\\", "\\", 1, "backslash at the end"),
        ("\\E", "\\E", 0, "no `\\Q` has begun"),
        ("a\\Q\\Eb", "\\Q\\E", 1, "quotes nothing"),
        ("\\08", "\\0", 0, "octal"),
        ("\\x4", "\\x", 0, "hexadecimal"),
        ("\\x{", "\\x{", 0, "hexadecimal"),
        ("\\x{110000}", "\\x{110000", 0, "no such character"),
        ("\\u00g0", "\\u", 0, "four hexadecimal"),
        ("\\ca", "\\ca", 0, "capital"),
        ("\\c", "\\c", 0, "capital"),
        ("\\p{Foo}", "\\p{Foo}", 0, "unknown"),
        ("\\p{Greek}", "\\p{Greek}", 0, "unknown"),
        ("\\p{^L}", "\\p{^L}", 0, "unknown"),
        ("\\p{", "\\p{", 0, "closing brace"),
        ("\\p", "\\p", 0, "unknown"),
        ("(?<1>a)", "(?<1", 0, "name of a group"),
        ("(?<a_b>a)", "(?<a", 0, "name of a group"),
        ("(?<n>a)(?<n>b)", "(?<n>", 7, "already"),
        ("(?z)", "(?z", 0, "no group that begins like this"),
        ("(?", "(?", 0, "no group that begins like this"),
        ("(?)", "(?)", 0, "no group that begins like this"),
        # no text
        ("", "", 0, "empty"),
        ("a\0b", "\\x{0}", 1, "NUL"),
        ("山\ud800", "\\x{d800}", 1, "surrogate"),
        ("😀\\uD83D", "\\uD83D", 1, "half of a character"),
        ("\\x{DC00}", "\\x{DC00}", 0, "half of a character"),
    ],
)
def test_a_refused_construct(pattern: str, construct: str, offset: int, words: str) -> None:
    """The error has the piece, the place in code points and a sentence with what to know."""
    error = refusal(pattern)
    assert (error.construct, error.offset) == (construct, offset)
    assert words in error.reason
    assert not error.reason.endswith(".")
    assert str(error) == f"{error.reason} (at offset {offset}: {construct})"


def test_an_error_travels() -> None:
    """An error raised in another process arrives whole."""
    error = refusal("a++")
    travelled = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (str(travelled), travelled.offset) == (str(error), 0)


def test_an_offset_counts_code_points() -> None:
    """A character of four bytes before the piece counts as one."""
    assert refusal("😀é(?=a)").offset == 2


def test_a_quotation_is_never_syntax() -> None:
    """What stands between \\Q and \\E begins no group, class, escape or quantifier, and ends none."""
    for pattern in ("(\\Q?=\\Ea)", "[\\Q[:alpha:]\\E]", "\\Q(?=a)\\1*+\\E", "a\\Q{2\\E", "\\Q[\\E", "[a\\Q&&\\Eb]"):
        assert compile_pattern(pattern)
    for pattern in (
        "\\x\\Q41\\E",
        "\\p\\QL\\E",
        "a{\\Q2\\E}",
        "(?\\Qi\\E)",
        "(?<\\Qn\\E>a)",
        "\\c\\QA\\E",
        "(\\Qa)\\E",
    ):
        assert refusal(pattern)


def test_an_error_can_be_written_anywhere() -> None:
    """An error's text holds no control character and no half character, whatever the pattern holds."""
    for pattern in ("\0", "\ud800", "(?\n", "[\x1b-\x01]", "\\p{\r\n}", "\udc00" * 3):
        assert str(refusal(pattern)).isprintable()


def test_a_long_piece_is_shortened() -> None:
    """An error shows at most sixty characters of the pattern."""
    assert refusal("\\p{" + "x" * 500 + "}").construct == "\\p{" + "x" * 57


def test_what_only_re2_refuses_has_a_place() -> None:
    """Should RE2 refuse a piece of the translation, the error points at what it was translated from."""
    pattern = "é\\Qb\\E\\x63{2}d"
    translated = translate(pattern)
    error = java_pattern._from_re2(re2.error(b"bad thing: {2,2}"), pattern, translated.re2_source, translated.origins)
    assert (error.offset, error.construct) == (10, "{2}d")
    unplaced = java_pattern._from_re2(re2.error("something else"), pattern, translated.re2_source, translated.origins)
    assert unplaced.offset == 0
