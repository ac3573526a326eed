"""Whatever text is given as a pattern, the answer is a pattern or a PatternError, and nothing else."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sosie.registry.java_pattern import AddressPattern, PatternError, compile_pattern

SYNTAX = [
    *"()[]{}*+?|^$\\.,-&:<>=!#aAkQE019 @é山😀\0\n", "\\Q", "\\E", "\\p{", "\\P{L}", "\\x{", "\\u00", "\\uD83D", "\\c",
    "\\0", "(?", "(?:", "(?<n", "(?i", "[^", "[[:", ":]", "&&", "{2", "{2,",
]  # fmt: skip
patterns = st.one_of(
    st.text(st.sampled_from("()[]{}*+?|^$\\.,-&aQE01")),
    st.lists(st.sampled_from(SYNTAX)).map("".join),
    st.text(st.characters(exclude_categories=())),
)


def judged(pattern: str) -> AddressPattern | PatternError:
    try:
        return compile_pattern(pattern)
    except PatternError as error:
        return error


@settings(max_examples=1000, deadline=None)
@given(pattern=patterns, address=st.text(st.characters(exclude_categories=())))
@example(pattern="[\\x", address="")
@example(pattern="(?<", address="")
@example(pattern="\\p{\\Q}\\E", address="")
def test_any_text(pattern: str, address: str) -> None:
    """A pattern answers any text; an error's place lies in the pattern, and its piece stands there."""
    outcome = judged(pattern)
    if isinstance(outcome, AddressPattern):
        assert outcome.source == pattern
        assert outcome.matches(address) in (True, False)
    else:
        assert 0 <= outcome.offset <= len(pattern)
        assert str(outcome).isprintable()
        assert not outcome.reason.endswith(".")
        piece = pattern[outcome.offset : outcome.offset + len(outcome.construct)]
        assert piece == outcome.construct or not piece.isprintable()


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.characters(exclude_characters="\0\n\r\x85\u2028\u2029", exclude_categories=("Cs",)), min_size=1))
def test_a_quoted_text_matches_itself(text: str) -> None:
    """Any address between \\Q and \\E, as Java's Pattern.quote writes it, matches itself."""
    outcome = judged("\\Q" + text.replace("\\E", "\\E\\\\E\\Q") + "\\E")
    if isinstance(outcome, AddressPattern):
        assert outcome.matches(text)
    else:
        assert "quotes nothing" in outcome.reason
