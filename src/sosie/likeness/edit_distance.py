"""Edit distance: how many slips of the finger lie between two words."""

from __future__ import annotations


def edit_distance(one: str, other: str, limit: int) -> int:
    """The optimal string alignment distance of two words, or `limit` + 1 if it is greater than `limit`.

    A letter inserted, left out or replaced costs 1, and so do two neighbours exchanged, none of which is edited again
    (the restricted form of Damerau, 1964). At most about 2 * `limit` steps for each letter.
    """
    if abs(len(one) - len(other)) > limit:
        return limit + 1
    one, other = _different(one, other)
    if not one or not other:
        return min(len(one) + len(other), limit + 1)
    if len(set(one).difference(other)) > limit or len(set(other).difference(one)) > limit:
        return limit + 1  # one edit brings in at most one letter, and takes away at most one
    far, size = limit + 1, len(other)
    before_last: list[int] = []
    last = [min(column, far) for column in range(size + 1)]
    for row, letter in enumerate(one, 1):
        current = [min(row, far)] + [far] * size
        for column in range(
            max(row - limit, 1), min(row + limit, size) + 1
        ):  # farther off, the lengths differ too much
            cost = last[column - 1] + (letter != other[column - 1])
            cost = min(cost, last[column] + 1, current[column - 1] + 1, far)
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == other[column - 1]:
                cost = min(cost, before_last[column - 2] + 1)
            current[column] = cost
        if min(current) == min(last) == far:  # an exchange reaches two rows back
            return far
        before_last, last = last, current
    return last[-1]


def _different(one: str, other: str) -> tuple[str, str]:
    """The words without what both begin and end with, which no shortest way of editing touches."""
    start, shorter = 0, min(len(one), len(other))
    while start < shorter and one[start] == other[start]:
        start += 1
    end = 0
    while end < shorter - start and one[-1 - end] == other[-1 - end]:
        end += 1
    return one[start : len(one) - end], other[start : len(other) - end]


def deletions(word: str) -> list[str]:
    """The word, and the word with each one of its letters left out: two words that share one are at most two apart.

    Words that are at most one edit apart always share one (Mor and Fraenkel, 1982), so that looking these up finds
    them without looking at every word.
    """
    return [word] + [word[:place] + word[place + 1 :] for place in range(len(word))]
