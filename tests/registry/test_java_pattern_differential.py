"""The JDK's own java.util.regex as the judge: what sosie takes, Java takes, with the same answer for every address.

Left out are the differences on purpose (the empty address, line breaks, the four letters of `_NEVER_FOLDED`) and one of
Java's: a lone ß of a pattern does not match ẞ in Java, while the ß of "xß" does.
"""

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from sosie.registry.java_pattern import PatternError, compile_pattern
from sosie.registry.java_pattern_sets import _CATEGORIES, _POSIX_AND_JAVA, _SCRIPTS, _UNICODE, CASED_BLOCKS

JAVA = shutil.which("java")
ORACLE = Path(__file__).with_name("JavaOracle.java")
LEFT_OUT = frozenset("\n\r\x85\u2028\u2029\u0130\u0131\u017f\u212aẞ")
# Unicode moved these since the tables of JDK 17: U+1734 from Mn to Mc, the two others from Common to Han.
MOVED = frozenset("\u1734\U00016fe2\U00016fe3")

pytestmark = pytest.mark.skipif(JAVA is None, reason="no java on this machine: the JDK is the judge of these tests")

Case = tuple[str, list[str]]


def ask_java(cases: list[Case]) -> list[str]:
    def encode(text: str) -> str:
        return text.encode().hex() or "-"

    lines = "\n".join(" ".join(map(encode, (pattern, *addresses))) for pattern, addresses in cases)
    run = subprocess.run(
        [JAVA, str(ORACLE)], input=lines + "\n", capture_output=True, text=True, timeout=300, check=True
    )
    answers = run.stdout.splitlines()
    assert len(answers) == len(cases)
    return answers


def disagreements(cases: list[Case]) -> tuple[list[object], int]:
    """What sosie and Java say differently, and how many answers were compared."""
    found: list[object] = []
    compared = 0
    for (pattern, addresses), answer in zip(cases, ask_java(cases), strict=True):
        try:
            compiled = compile_pattern(pattern)
        except PatternError:
            continue
        if answer.startswith("E"):
            found.append((pattern, answer))
            continue
        for address, java in zip(addresses, answer, strict=True):
            if java in "TS":
                continue
            compared += 1
            if java != "01"[compiled.matches(address)]:
                found.append((pattern, address, f"Java says {java}"))
    return found, compared


PIECES = [
    *"aabbcks01@._-xéßς山😀 (((())||**++??", r"\.", "(?:", "(?<n>", "(?<m2>", "(?i)", "(?s)", "(?-s)", "(?ims:",
    "(?=", "(?>", "*?", "+?", "??", "{2}", "{0}", "{1,2}", "{0,3}", "{2,}", "{,2}", "{", "}", "++", "[", "]",
    "[a-c]", "[^a]", "[^@]", "[a-z]", "[A-Z]", "[a-zA-Z0-9._-]", r"[\w.-]", r"[\d-z]", "[]a]", "[^]a]", "[a&b]",
    "[é-ü]", "[À-Ö]", "[α-ω]", "[k-s]", "[+--]", r"[\W]", r"[\Dk]", r"[^\s@]", r"[^\p{L}\d._-]", r"[\p{Lu}.]",
    r"[\P{L}k]", r"[\P{Alpha}k]", r"[^\W.]", r"[\h\v]", r"[^\V]", r"[\Q^a-\E]", r"[\Qa\E-c]", r"[a-\Qc\E]",
    r"[\x{61}-\x63]", "[a&&b]", "[a[b]]", "^", "$",
    *(rf"\{letter}" for letter in "dDwWsShHvVRAzZbBGteafrqyQE12_@-"), r"\Qa.\E", r"\Q*\E", r"\Q1\E", r"\07",
    r"\0101", r"\x61", r"\x6", r"\x{e9}", r"\x{1F600}", r"\u0061", r"\uD83D\uDE00", r"\uD83D", r"\cA", r"\ca",
    r"\é", r"\\", r"\pL", r"\p{L}", r"\P{L}", r"\p{Lu}", r"\P{Lu}", r"\p{Alpha}", r"\P{Alpha}", r"\p{Lower}",
    r"\p{IsLatin}", r"\p{Foo}", r"\p{script=Han}", r"\p{gc=Nd}", r"\p{Punct}", r"\p{IsPunct}", r"\p{all}",
    r"\P{all}", r"\p{LC}", r"\p{InGreek}",
]  # fmt: skip
MEMBERS = [
    *"abkz-^&]@.019_--^&#~ éüσ😀", r"\-", r"\]", r"\[", r"\^", r"\\", r"\Q", r"\E", r"\Qa\E", r"\Q-\E", r"\Q]\E",
    r"\Q^z\E", r"\d", r"\W", r"\s", r"\H", r"\v", r"\h", r"\t", r"\x41", r"\x{e0}", r"\u0062", r"\061", r"\cA",
    r"\p{L}", r"\P{L}", r"\p{Lu}", r"\P{Lu}", r"\p{Punct}", r"\P{Punct}", r"\b", r"\1", "[", "&&", "[a]",
    r"\p{IsGreek}", r"\P{IsGreek}", r"\p{all}", r"\P{all}", "Á-Ý", "а-я", "ÿ", "µ",
]  # fmt: skip
LETTERS = [
    *"aaabbkKsSi@@..-_017ABz~!^&][éÉßΣσςü山😀٣µμ \t$*{}()\\|/<",
    *"\x01\x0b\x0c\x1b\x7f\xa0\u3000ǅÅ\u0301ªⅧﬁаЯáÝÿŸ",
]


def combined(choose: random.Random, depth: int) -> str:
    """A correct pattern, groups within groups."""
    text = ""
    for _ in range(choose.randint(1, 3)):
        if depth and choose.random() < 0.5:
            alternatives = (
                combined(choose, depth - 1) if choose.random() < 0.9 else "" for _ in range(choose.randint(1, 3))
            )
            text += choose.choice(["(", "(?:"]) + "|".join(alternatives) + ")"
        else:
            text += choose.choice(["a", "b", "ab", "[ab]", ".", "[^a]", r"\w", "k", "@", "é", r"\p{L}", r"\."])
        text += choose.choice(["", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,2}", "{2,}", "{0}"])
    return text


def a_pattern(choose: random.Random) -> str:
    kind = choose.random()
    if kind < 0.4:
        return "".join(choose.choice(PIECES) for _ in range(choose.randint(1, 8)))
    if kind < 0.7:
        members = "".join(choose.choice(MEMBERS) for _ in range(choose.randint(1, 7)))
        return f"[{choose.choice(['', '', '^'])}{members}]{choose.choice(['', '*', '+', 'x'])}"
    return choose.choice(["", "^", ""]) + combined(choose, 3) + choose.choice(["", "$", ""])


def an_address(choose: random.Random) -> str:
    if choose.random() < 0.5:
        return "".join(choose.choice("aabbk@.é") for _ in range(choose.randint(1, 7)))
    return "".join(choose.choice(LETTERS) for _ in range(choose.choice([1, 1, 2, 3, 6])))


@pytest.mark.parametrize("seed", range(4))
def test_any_pattern(seed: int) -> None:
    """Thousands of patterns and addresses at random: no pattern taken that Java refuses, no answer that differs."""
    choose = random.Random(seed)
    cases = [(a_pattern(choose), [an_address(choose) for _ in range(10)]) for _ in range(5000)]
    found, compared = disagreements(cases)
    assert found == []
    assert compared > 15_000


REALISTIC = [
    r"jane\.doe@example\.com", r"^(?i)jane\.?doe@(?:mail\.)?example\.(?:com|org)$",
    r"j(?:ane)?[._-]?doe\d{0,2}@example\.com", r"[\w.%+-]+@example\.com", r"[\p{L}\p{N}._-]+@example\.com",
    r".*@example\.com", r"[^@]+@(?:[^@.]+\.)*example\.com", r"\QJane.Doe+x@example.com\E",
    r"(?<local>jane|doe)@(?<domain>example\.com)", r"jane\x2edoe\u0040example\.com", r"(?s)jane.doe@example.com\z",
    r"\p{Alpha}+\.\p{IsLatin}+@\p{Alnum}+\.\p{Lower}{2,}", r"[a-zà-öø-ÿ.]+@example\.com",
]  # fmt: skip


def test_realistic_patterns() -> None:
    """Patterns as people write them are all taken, and right for addresses near and far."""
    locals_ = [
        "jane.doe",
        "Jane.Doe",
        "JANEDOE",
        "j_doe7",
        "doe",
        "jane",
        "jane.doe+x",
        "josé.doe",
        "李",
        "",
        "jane xdoe",
    ]
    domains = [
        "example.com",
        "EXAMPLE.COM",
        "mail.example.com",
        "example.com.evil.net",
        "examplexcom",
        "example.org",
        "",
    ]
    addresses = [f"{local}@{domain}" for local in locals_ for domain in domains] + ["jane.doe", "x"]
    found, compared = disagreements([(pattern, addresses) for pattern in REALISTIC])
    assert found == []
    assert compared == len(REALISTIC) * len(addresses)


def test_every_named_set() -> None:
    """Every property that is taken holds the characters that it holds in Java, of those that this Java knows."""
    sample = [chr(code) for code in (*range(0x250), *range(0x251, 0xD800, 31), *range(0xE000, 0x32000, 61))]
    (unassigned,) = ask_java([(r"\p{Cn}", sample)])
    known = [one for one, cn in zip(sample, unassigned, strict=True) if cn == "0" and one not in LEFT_OUT | MOVED]
    names = [*_CATEGORIES, *_POSIX_AND_JAVA, *(f"Is{name}" for name in (*_UNICODE, *_CATEGORIES, *_SCRIPTS))]
    names += [f"sc={name}" for name in _SCRIPTS] + [f"gc={name}" for name in _CATEGORIES]
    cases = [(f"\\p{{{name}}}", known) for name in names] + [(f"[^\\p{{{name}}}x]", known) for name in names[::7]]
    cases += [(f"\\{letter}", known) for letter in "dDsSwWhHvV"]
    found, compared = disagreements(cases)
    assert found == []
    assert compared == len(cases) * len(known)


def test_every_case() -> None:
    """Every letter with case folds as in Java: alone, within text, in a class, negated, in a range."""
    cased = [chr(code) for first, last in CASED_BLOCKS for code in range(first, last + 1)]
    (unassigned,) = ask_java([(r"\p{Cn}", cased)])
    known = [
        one for one, cn in zip(cased, unassigned, strict=True)
        if cn == "0" and one not in LEFT_OUT and not one.lower() == one == one.upper()
    ]  # fmt: skip
    cases = []
    for place in range(0, len(known), 3):
        near = [*known[max(0, place - 120) : place + 120], known[place].upper()[0], known[place].lower()[0]]
        near = [one for one in near if one not in LEFT_OUT]
        letter, next_one = (f"\\x{{{ord(one):x}}}" for one in (known[place], chr(ord(known[place]) + 3)))
        cases += [(letter, near), (f"[{letter}@]", near), (f"[^{letter}]", near), (f"[{letter}-{next_one}]", near)]
        cases.append((f"x{letter}y", [f"x{one}y" for one in near]))
    found, compared = disagreements(cases)
    assert found == []
    assert compared > 500_000


def test_the_differences_on_purpose() -> None:
    """Java takes ı, İ, ſ and the Kelvin sign for i, s and k, and matches what is no address; a lone ß is no ẞ."""
    cases = [("i", ["ı", "İ"]), ("[a-s]", ["ſ", "\u212a"]), ("a?", [""]), ("a$\\n", ["a\n"]), ("ß", ["ẞ"])]
    assert ask_java(cases) == ["11", "11", "1", "1", "0"]
    assert [compile_pattern(p).matches(address) for p, addresses in cases for address in addresses] == [False] * 6 + [
        True
    ]
