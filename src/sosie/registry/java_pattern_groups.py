"""Reads how a group begins: of what kind it is, its name, its flags."""

from __future__ import annotations

from typing import Final

from sosie.registry.java_pattern_reader import Reader

_LOOK_AROUND = "cannot run in linear time; a pattern is held against the whole address, so write all that it may be"
_REFUSED_GROUPS: Final = (
    ("(?=", f"look-ahead {_LOOK_AROUND}"),
    ("(?!", f"look-ahead {_LOOK_AROUND}"),
    ("(?<=", f"look-behind {_LOOK_AROUND}"),
    ("(?<!", f"look-behind {_LOOK_AROUND}"),
    ("(?>", "an atomic group cannot run in linear time; write `(?:` and look whether the pattern still means the same"),
    ("(?P<", "Java writes a named group as `(?<name>`"),
    ("(?P", "Java has no such group; write the text again instead"),
    ("(?#", "Java has no such comment; use the comments of the entry"),
    ("(?'", "Java writes a named group as `(?<name>`"),
)
_FLAGS: Final = frozenset("imsudxcU")
# (?i) and (?u) are always on; d, m and s are about line breaks, which no address holds.
_FLAGS_TAKEN: Final = {"on": frozenset("imsud"), "off": frozenset("msd")}
_WHY_NOT_FLAGS: Final = {
    "x": "the flag x would make spaces and `#` in the pattern mean nothing; leave out both",
    "U": r"the flag U would make `\w` and its like mean all of Unicode; write `\p{L}` where that is meant",
    "c": "the flag c would make canonically equal texts one, which is not supported",
    "i": "case never makes a difference in an address here, and that cannot be turned off",
    "u": "case never makes a difference in an address here, and that cannot be turned off",
}


def read_opening(reader: Reader, names: set[str]) -> bool:
    """Read from a group's bracket to where its content begins; False for flags alone, ``(?i)``, which open no group.

    `names` has the names of the groups before and takes a new one.
    """
    start = reader.at
    if reader.peek(1) != "?":
        reader.at += 1
        return True
    if reader.text(3) == "(?:":
        reader.at += 3
        return True
    for opening, reason in _REFUSED_GROUPS:
        if reader.text(len(opening)) == opening:
            raise reader.refusal(start, reason, start + len(opening))
    if reader.text(3) == "(?<":
        _read_name(reader, start, names)
        return True
    return _read_flags(reader, start)


def _read_name(reader: Reader, start: int, names: set[str]) -> None:
    reader.at += 3
    name = ""
    while len(reader.peek()) == 1 and reader.peek().isascii() and reader.peek().isalnum():
        name += reader.peek()
        reader.at += 1
    if not name[:1].isalpha() or reader.peek() != ">":
        raise reader.refusal(start, "the name of a group is a letter, then letters or digits, all of ASCII, then `>`")
    reader.at += 1
    if name in names:
        raise reader.refusal(start, f"there is a group with the name {name} already")
    names.add(name)


def _read_flags(reader: Reader, start: int) -> bool:
    reader.at += 2
    state, seen = "on", 0
    while (flag := reader.peek()) in _FLAGS or (flag == "-" and state == "on"):
        reader.at += 1
        if flag == "-":
            state = "off"
            continue
        seen += 1
        if flag not in _FLAGS_TAKEN[state]:
            raise reader.refusal(start, _WHY_NOT_FLAGS[flag])
    reader.at += flag != ""
    if flag not in (")", ":") or not seen:
        raise reader.refusal(start, r"Java has no group that begins like this; for a literal bracket write `\(`")
    return flag == ":"
