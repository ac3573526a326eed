"""What a pattern matches: the whole address, without case, construct by construct."""

import pickle

import pytest

from sosie.registry.java_pattern import AddressPattern, compile_pattern


def matched(pattern: str, *addresses: str) -> list[str]:
    compiled = compile_pattern(pattern)
    return [address for address in addresses if compiled.matches(address)]


@pytest.mark.parametrize(
    "pattern",
    [
        r"ceo@example\.com",
        r"^ceo@example\.com$",
        r"\Aceo@example\.com\z",
        r"(?:ceo@example\.com)",
        r"ceo@example\.com|cfo@example\.com",
        r"^ceo@example\.com|cfo@example\.com$",
    ],
)
def test_the_whole_address(pattern: str) -> None:
    """With or without anchors, nothing may stand before or after what the pattern says."""
    wrong = ("xceo@example.com", "ceo@example.com.evil.net", "ceo@example.comx", "evil.net/ceo@example.com", "ceo@")
    assert matched(pattern, "ceo@example.com", *wrong) == ["ceo@example.com"]


@pytest.mark.parametrize("pattern", ["Jane.DOE@Example\\.com", "(?i)jane.doe@example\\.com", "[J]ane.[A-D]oe@.*"])
def test_case_makes_no_difference(pattern: str) -> None:
    """Neither the case of the pattern nor the case of the address matters."""
    assert len(matched(pattern, "jane.doe@example.com", "JANE.DOE@EXAMPLE.COM", "Jane.Doe@example.com")) == 3


@pytest.mark.parametrize(
    ("pattern", "address"),
    [("é", "É"), ("Σ", "ς"), ("ß", "ẞ"), ("ж", "Ж"), ("ǆ", "ǅ"), ("[à-þ]", "É"), ("[Α-Ω]", "ς"), ("\\u00e9", "É")],
)
def test_case_beyond_ascii(pattern: str, address: str) -> None:
    """Letters of any script have the cases that Unicode gives them, alone and in ranges."""
    assert matched(pattern, address) == [address]


@pytest.mark.parametrize(
    "look_alike", ["mıke@example.com", "mİke@example.com", "mi\u212ae@example.com", "ſam@example.com"]
)
def test_letters_that_only_look_like_ascii(look_alike: str) -> None:
    """A Turkish i, a Kelvin sign and a long s are not i, k and s, though Java takes them for that."""
    assert matched("mike@example\\.com|sam@example\\.com|[a-z]+@example\\.com", look_alike) == []


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        (".", "a é 山 😀 .", "ab"),
        (r"\.", ".", "a"),
        (r"\d", "0 9", "a ٣"),
        (r"\D", "a ٣", "0"),
        (r"\w", "a Z 0 _", "é - ſ \u212a"),
        (r"\W", "é - @ \u212a", "a _ K"),
        (r"\S", "a é", ""),
        (r"[^\W_]", "a 0", "_ -"),
        (r"[\w.-]", "a . - _", "@ é"),
        (r"[\w-.]", "a . -", "@"),
        (r"[a-c-e]", "a b c - e", "d"),
        (r"[]a]", "] a", "b"),
        (r"[^]a]", "b", "] a"),
        (r"[a&b]", "a & b", "c"),
        (r"[a^]", "a ^", "b"),
        (r"[\x61-\x{63}]", "a B c", "d"),
        (r"[+--]", "+ , -", "* ."),
        (r"[\Q^]-\E]", "^ ] -", "a"),
        (r"[\Qa\E-c]", "a b c", "-"),
        (r"[^@]", "a é . 😀", "@"),
        (r"[^k]", "a \u212a", "k K"),
        (r"\p{L}", "a é 山", "0 . _"),
        (r"\pL", "a é 山", "0 ."),
        (r"\P{L}", "0 .", "a é"),
        (r"[\p{L}\p{N}]", "a é 3 ٣", ". @"),
        (r"[^\p{L}]", "0 @", "é"),
        (r"[\P{L}a]", "a 0", "b"),
        (r"\p{Lu}", "a A é", "0"),
        (r"\p{Lower}", "a A", "é 0"),
        (r"\p{Alpha}", "a Z", "é 0"),
        (r"\p{Alnum}", "a 0", "é _"),
        (r"\p{Punct}", "! - _ ~", "a €"),
        (r"\p{XDigit}", "a F 9", "g"),
        (r"\p{IsLatin}", "a é", "я α"),
        (r"\p{IsLatn}", "a é", "я"),
        (r"\p{script=Cyrillic}", "я", "a"),
        (r"\p{sc=greek}", "α", "a"),
        (r"\p{gc=Nd}", "3 ٣", "a"),
        (r"\p{IsDigit}", "3 ٣", "a"),
        (r"\p{javaLetterOrDigit}", "a ٣", "_"),
        (r"\p{all}", "a 😀", "ab"),
        (r"[\P{all}]|x", "x", "a ["),
        (r"[^\P{all}]", "a 😀", "ab"),
        (r"\h", "\t \u3000 \xa0", "a"),
        (r"\v", "\x0b \x0c", "a \t"),
        (r"\R", "\x0b \x0c", "\t a"),
        (r"\e", "\x1b", "e"),
        (r"\a\f", "\x07\x0c", "af"),
        (r"\cA", "\x01", "a A"),
        (r"\061\07", "1\x07", "17"),
        (r"\0101", "A a", "B"),
        (r"\0401", "\x201", "1"),
        (r"\x41\x{1F600}", "a😀 A😀", "a"),
        (r"\uD83D\uDE00", "😀", "a"),
        (r"\Qa.b*c\E", "a.b*c A.B*C", "axbbc"),
        (r"\Qa.b\E+", "a.bbb", "a.ba.b"),
        (r"\Q\d", "\\d \\D", "1"),
        (r"\é\-\_\/", "é-_/ É-_/", "e-_/"),
        (r"}]-,&#", "}]-,&#", "a"),
    ],
)
def test_a_construct(pattern: str, yes: str, no: str) -> None:
    """Every construct means what it means in Java, whichever way RE2 would have read it."""
    compiled = compile_pattern(pattern)
    expected = dict.fromkeys(yes.split(" "), True) | dict.fromkeys(no.split(" "), False)
    expected.pop("", None)
    assert {address: compiled.matches(address) for address in expected} == expected


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [
        ("a?b*c+", "c abbc ccc", "ab"),
        ("a{2}b{0,1}c{1,}", "aac aabcc", "ac aa"),
        ("a{02}", "aa", "a a{02}"),
        ("a??b*?c+?", "c abbc ccc", "ab"),
        ("(?:a|b|)c", "ac bc c", "abc"),
        ("(a(b)?)+", "a ab aab", "b"),
        ("(?<first>a)(?<second2>b)", "ab AB", "a"),
        ("(?ims)a(?s:.)c", "abc", "ac"),
        ("(?i:a)(?-s:b)(?u)c", "abc ABC", "ab"),
        ("a|", "a", "b"),
        ("(?:^a|b$)", "a b", "ab"),
        ("a$|^b\\Z", "a b", "ab"),
        ("(?:j(?:ane)?\\.?)?doe\\d{0,2}@(?:mail\\.)?x\\.com", "doe@x.com j.doe7@mail.x.com", "jd@x.com doe777@x.com"),
    ],
)  # fmt: skip
def test_a_combination(pattern: str, yes: str, no: str) -> None:
    """Groups, alternatives, quantifiers, flags and anchors combine as they do in Java."""
    compiled = compile_pattern(pattern)
    assert all(compiled.matches(address) for address in yes.split())
    assert not any(compiled.matches(address) for address in no.split())


@pytest.mark.parametrize(
    "address", ["", "\n", "ceo@example.com\n", "a\rb", "a\x85b", "a\u2028b", "a\u2029b", "a\ud800b"]
)
def test_what_is_no_address_matches_nothing(address: str) -> None:
    """Nothing, a line break or half of a character is never an address, even for a pattern that matches everything."""
    assert not any(
        compile_pattern(pattern).matches(address) for pattern in (".*", "(?s).*", "[^@]*", "\\R*", "\\p{all}*")
    )


def test_a_pattern_may_match_everything() -> None:
    """Java takes `.*`, and so does sosie: the page for administrators says what comes of it."""
    assert matched(".*", "anyone@anywhere.example", "x") == ["anyone@anywhere.example", "x"]


def test_a_pattern_is_a_value() -> None:
    """Patterns of one source are equal and of one hash, and travel to another process after use."""
    one, other = compile_pattern("a+"), compile_pattern("a+")
    assert one.matches("aa")
    travelled = pickle.loads(pickle.dumps(one))  # noqa: S301 - our own bytes
    assert one == other == travelled
    assert len({one, other, travelled}) == 1
    assert travelled.matches("AAA")


def test_the_translation_stands_for_itself() -> None:
    """A stored translation matches without the pattern being read again."""
    compiled = compile_pattern("ceo@ex[ae]mple\\.com")
    assert AddressPattern(compiled.source, compiled.re2_source).matches("CEO@exemple.com")
