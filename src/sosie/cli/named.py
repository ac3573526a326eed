"""A word out of a list, as people type it: in any case, and with a hint where it is not quite one of them."""

from __future__ import annotations

from collections.abc import Sequence

import click


class Named(click.Choice[str]):
    """One of the words. `what` says what they are, such as "disposition"."""

    def __init__(self, what: str, words: Sequence[str]) -> None:
        super().__init__(words, case_sensitive=False)
        self._what = what

    def get_invalid_choice_message(self, value: object, ctx: click.Context | None) -> str:  # noqa: ARG002 - click's own
        """What is said of another word: what it was meant to be, if that can be guessed, and all there is."""
        words = list(map(str, self.choices))
        likely = _likely(str(value).casefold(), words)
        meant = f": did you mean {likely}?" if likely else "."
        return f"there is no {self._what} {value}{meant} There are {', '.join(words)}."


def _likely(value: str, words: Sequence[str]) -> str:
    from difflib import get_close_matches

    lowered = {word.casefold(): word for word in words}
    begun = [word for word in lowered if value and (word.startswith(value) or value.startswith(word))]
    found = begun or get_close_matches(value, lowered, 1)
    return lowered[found[0]] if found else ""
