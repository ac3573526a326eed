"""Hostile patterns beside an ordinary one: CPU time to judge a pattern and to match it with 320 characters.

Prints the worst of `tests/support/hostile_patterns.py` and its ratio to an ordinary pattern.
Run: python bench/patterns.py
"""

import sys
from pathlib import Path
from statistics import median
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from sosie.registry.java_pattern import PatternError, compile_pattern
from support.hostile_patterns import ADDRESSES, HOSTILE, cut

ORDINARY = r"(jane|j)\.roe(\+[a-z0-9]+)?@(mail\.)?example\.(com|org)"
LIMIT_COMPILE, LIMIT_MATCH = 50.0, 50.0  # ms


def milliseconds(work, rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = process_time()
        work()
        times.append(process_time() - start)
    return median(times) * 1000


def judge(pattern: str) -> None:
    try:
        compile_pattern(pattern)
    except PatternError:
        return


def slowest_match(pattern: str) -> float:
    try:
        compiled = compile_pattern(pattern)
    except PatternError:
        return 0.0
    return max(milliseconds(lambda address=address: compiled.matches(address), 5) for address in ADDRESSES)


def main() -> None:
    judge(ORDINARY)
    ordinary = milliseconds(lambda: judge(ORDINARY), 200)
    match = slowest_match(ORDINARY)
    hostile = {name: cut(pattern) for name, pattern in HOSTILE.items()}
    compiles = {name: milliseconds(lambda p=pattern: judge(p), 5) for name, pattern in hostile.items()}
    matches = {name: slowest_match(pattern) for name, pattern in hostile.items()}
    print(f"{'':<10}{'ordinary':>12}{'worst':>12}{'ratio':>9}{'limit':>9}  which")
    for title, usual, all_of_them, limit in (
        ("compile", ordinary, compiles, LIMIT_COMPILE),
        ("match", match, matches, LIMIT_MATCH),
    ):
        name = max(all_of_them, key=all_of_them.get)
        worst = all_of_them[name]
        print(f"{title:<10}{usual:>9.3f} ms{worst:>9.1f} ms{worst / max(usual, 1e-6):>9.0f}{limit:>6.0f} ms  {name}")


if __name__ == "__main__":
    main()
