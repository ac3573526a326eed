"""What a reader sees, what the text holds besides, and in which order it is shown."""

from __future__ import annotations

import sys
import time
from unicodedata import name

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sosie.likeness.deceiving_characters import MAX_NAMED, deceiving_characters
from sosie.likeness.visible_text import MAX_CHARACTERS, displayed, invisible, visible

FLAG = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
TEXTS = st.text(st.one_of(st.characters(), st.sampled_from("ab \u0301\u200d\u202e\u202d\u202c\u2067\u2069א\ufe0f")))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Jane Roe", "Jane Roe"),
        ("  Jane \t Roe\r\n", "Jane Roe"),
        ("Jane\u3000Roe\u2800", "Jane Roe"),
        ("J\u200ba\u00adn\u2060e\ufeff Roe", "Jane Roe"),
        ("J\u034fa\u115fn\u3164e", "Jane"),
        ("J\ufe0fa\U000e0101n\U000e0041e", "Jane"),
        ("J\x00a\x1fn\x7fe", "Jane"),
        ("J\ue000an\U0010fffee", "Jane"),
        ("\u202aJane\u202c \u2068Roe\u2069\u200e", "Jane Roe"),
        ("J̶a̷n̵e̲", "Jane"),
        ("J⃝a⃝n⃝e⃠", "Jane"),
        ("𝐉𝕒𝓷ｅ ⓇⓄⒺ", "Jane ROE"),
        ("ᴊᴀɴᴇ", "jane"),
        ("🅹🅐🅝🅔", "JANE"),
        ("Aliϲe Ϲlark", "Alice Clark"),
        ("e\u034f\u0301", "é"),
        ("Élodie Łukasz", "Élodie Łukasz"),
        ("孙毅 محمد", "孙毅 محمد"),
        ("葛\U000e0100城", "葛城"),
    ],
)
def test_visible(text, seen):
    """Compatibility forms, hidden characters, lines through letters and kinds of white space make no difference."""
    assert visible(text) == seen


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("J\u200bo\u200bhn\u2060", ("\u200b", "\u2060")),
        ("J\ufe0fohn", ("\ufe0f",)),
        ("J\U000e0100ohn", ("\U000e0100",)),
        ("Jo\u200dhn", ("\u200d",)),
        ("John\u200c", ("\u200c",)),
        ("\u200eJohn", ("\u200e",)),
        ("\u2068John\u2069", ("\u2068", "\u2069")),
        ("J\ue000ohn", ("\ue000",)),
        ("J\u0336o\u20ddhn", ("\u0336", "\u20dd")),
        ("John\x00\x1b", ("\x00", "\x1b")),
        ("דוד \u202eeoD", ("\u202e",)),
        ("J\U000e0067ohn", ("\U000e0067",)),
    ],
)
def test_invisible(text, hidden):
    """What shows nothing and does nothing honest is named, each character once."""
    assert invisible(text) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "Jane Roe", "Jane\tRoe\r\n", "Jane\u00a0Roe", "❤️ 1️⃣ ☎️ ℹ️", "👩‍💻 👩🏽‍💻 🏳️‍🌈", FLAG,
        "葛\U000e0100城", "می\u200cخواهم", "क्\u200dष",
        "ක්\u200dරි", "דוד\u200f לוי", "\u202bמרים\u202c", "Jane \uf8ff", "J\x92ne", "J\udc80ne",
        "ภาษา\u200bไทย", "ᠭ\u180bᠠ",
        "🆕 \U0001fae8", "⛔⃠", "\x1b$B;3ED\x1b(B",
    ],
)  # fmt: skip
def test_honest_invisible_characters(text):
    """Emoji, variants of Han characters, joiners where letters join, marks of direction in Hebrew: honest."""
    assert invisible(text) == ()
    assert deceiving_characters(text) == ()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u202eeoD nhoJ", "John Doe"),
        ("\u202eeoD nhoJ\u202c (CEO)", "John Doe (CEO)"),
        ("\u202enhoJ\u202c \u202eeoD\u202c", "John Doe"),
        ("\u202eeoD \u202dJohn\u202c", "John Doe"),
        ("\u2067\u202eeoD nhoJ\u2069", "John Doe"),
        ("\u2067\u202eeoD nhoJ\u2069 Roe", "John Doe Roe"),
        ("\u202eéoD", "Doé"),
        ("\u202ee\u0301oD", "Doe\u0301"),
        ("\u202e(eoD)", "(Doe)"),
        ("\u202eדוד לוי", "דוד לוי"),
        ("\u202dדוד", "דוד"[::-1]),
        ("\u202eeoD\u2029nhoJ", "Doe\u2029nhoJ"),
        ("\u202bדוד\u202c", "\u202bדוד\u202c"),
        ("John", "John"),
        ("\u202e", ""),
    ],
)
def test_displayed(text, shown):
    """Overrides turn letters around, within isolates too, to the end of the paragraph; nothing else does."""
    assert displayed(text) == shown


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Jоhn", ("U+043E CYRILLIC SMALL LETTER O",)),
        ("Aliϲe", ("U+03F2 GREEK LUNATE SIGMA SYMBOL",)),
        ("Jane\u200b Dое", ("U+200B ZERO WIDTH SPACE",
         "U+043E CYRILLIC SMALL LETTER O", "U+0435 CYRILLIC SMALL LETTER IE")),
        ("\u202eeoD", ("U+202E RIGHT-TO-LEFT OVERRIDE",)),
        ("𝐉𝐨e", ("U+1D409 MATHEMATICAL BOLD CAPITAL J", "U+1D428 MATHEMATICAL BOLD SMALL O")),
        ("J𝐨e", ("U+1D428 MATHEMATICAL BOLD SMALL O",)),
        ("Ｊoｅ", ("U+FF2A FULLWIDTH LATIN CAPITAL LETTER J", "U+FF45 FULLWIDTH LATIN SMALL LETTER E")),
        ("ɡoogle", ("U+0261 LATIN SMALL LETTER SCRIPT G",)),
        ("ᴊᴏᴇ", ("U+1D0A LATIN LETTER SMALL CAPITAL J", "U+1D0F LATIN LETTER SMALL CAPITAL O",
                 "U+1D07 LATIN LETTER SMALL CAPITAL E")),
        ("Иvан",
         ("U+0418 CYRILLIC CAPITAL LETTER I", "U+0430 CYRILLIC SMALL LETTER A", "U+043D CYRILLIC SMALL LETTER EN")),
        ("J\x00oe", ("U+0000",)),
        ("Ɩsa", ("U+0196 LATIN CAPITAL LETTER IOTA",)),
    ],
)  # fmt: skip
def test_deceiving_characters(text, named):
    """A person is told the code point and the name of each character that is not what it looks like."""
    assert deceiving_characters(text) == named


@pytest.mark.parametrize(
    "text",
    [
        "Jane Roe", "Élodie Łukasz Åse ß ı", "Иван Петров", "Χρήστος", "Иван Петров (Ivan Petrov)",
        "孙毅", "ＮＴＴ 山田", "Mª José",
        "Nº 5", "CO₂ x² ½", "Company™ №5", "ﬁona", "µTorrent", "Ⓜ️",
        "Ngũgĩ", "Nguyễn", "Jane\u3000Roe", "محمد علي", "O’Connor", "Roe–Doe",
    ],
)  # fmt: skip
def test_honest_texts_deceive_nobody(text):
    """Letters of any language, compatibility signs and single ordinals are what they look like."""
    assert deceiving_characters(text) == ()


def test_few_are_named():
    """One sentence holds eight."""
    assert len(deceiving_characters("".join(map(chr, range(0x1D400, 0x1D41A))))) == MAX_NAMED


@pytest.mark.parametrize("plane", range(17))
def test_every_character_once(plane):
    """What is seen of each character is what is seen of that; no invisible one is left."""
    for point in range(plane * 0x10000, min((plane + 1) * 0x10000, sys.maxunicode + 1)):
        seen = visible(f"a{chr(point)}b")
        assert visible(seen) == seen
        assert invisible(seen) == (), name(chr(point), hex(point))


@given(TEXTS)
def test_seen_is_seen(text):
    """What is seen of what is seen is the same, and no text raises."""
    seen = visible(displayed(text))
    assert visible(seen) == seen
    assert displayed(displayed(text)) == displayed(text)
    assert set(invisible(text)) <= set(text)
    assert len(deceiving_characters(text)) <= MAX_NAMED


def test_padding_hides_no_name():
    """Before the text is cut, what shows nothing is gone, and marks beyond thirty on one letter."""
    assert visible("\u200b" * 5_000 + "Jane Roe") == "Jane Roe"
    assert visible("J" + "\u0300" * 5_000 + "ane Roe").endswith("ane Roe")


@pytest.mark.parametrize(
    "unit", ["\u0301", "\u0345\u0301", "\u200b", "\u202ea", "\u202a\u202e", "\u2066a", "ﷺ", "🏴", "Jо", "a\ue000"]
)
@pytest.mark.parametrize("function", [visible, displayed, invisible, deceiving_characters])
def test_long_texts_take_no_long_time(function, unit):
    """100,000 characters of the worst kind are answered at once."""
    text = unit * (100_000 // len(unit))
    start = time.perf_counter()
    function(text)
    assert time.perf_counter() - start < 0.1
    assert len(visible(text)) <= MAX_CHARACTERS
