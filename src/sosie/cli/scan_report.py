"""What `sosie scan` prints: flagged messages or JSON lines as they come, faults beside them, a summary at the end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

from sosie.cli.output import Column, Table, note, visible
from sosie.scan.judging import Counts, Outcome, Tally
from sosie.scan.progress import Progress

MAX_PASSED_OVER = 10  # files that are named; a photo archive has thousands
MAX_PEOPLE = 50  # of the summary; the JSON lines have all


class Report:
    """Prints as outcomes come in; `progress` is None where none is wanted."""

    def __init__(self, progress: Progress | None, *, as_json: bool) -> None:
        self._progress = progress
        self._as_json = as_json
        self._passed_over = 0
        self._on_terminal = sys.stdout.isatty()

    def tell(self, name: str, reason: str) -> None:
        """A file is passed over."""
        self._passed_over += 1
        if self._passed_over <= MAX_PASSED_OVER:
            self._note(f"sosie: {name}: {reason}, passed over")

    def add(self, weight: int, outcome: Outcome) -> None:
        """A piece is done."""
        if self._progress is not None and self._on_terminal and (outcome.lines or outcome.flagged):
            self._progress.clear()
        sys.stdout.buffer.write(outcome.lines)
        for source, disposition, findings in outcome.flagged:
            print(visible(f"{source}: {disposition}"))
            for reason, detail in findings:
                print(visible(f"    {reason}"))
                print(visible(f"    {detail}"))
        for source, reason in outcome.faults:
            self._note(f"sosie: {source}: {reason}")
        if self._progress is not None:
            self._progress.add(weight, outcome.tally.messages)

    def end(self, tally: Tally, names: Callable[[], Mapping[str, str]]) -> None:
        """The summary; of JSON lines, what others would count as well goes to standard error."""
        if self._progress is not None:
            self._progress.clear()
        if self._passed_over > MAX_PASSED_OVER:
            self._note(f"sosie: {self._passed_over:,} files were passed over")
        if self._as_json:
            if self._progress is not None or tally.faults:
                self._note(_in_one_line(tally))
            return
        print(("\n" if tally.flagged else "") + _in_one_line(tally))
        if tally.flagged:
            _print_counts("DISPOSITION", tally.dispositions)
            _print_counts("TECHNIQUE", tally.techniques)
            _print_people(tally.entries, names())

    def _note(self, text: str) -> None:
        if self._progress is not None:
            self._progress.clear()
        note(text)


def _in_one_line(tally: Tally) -> str:
    faults = f", {tally.faults:,} could not be judged" if tally.faults else ""
    messages = "1 message" if tally.messages == 1 else f"{tally.messages:,} messages"
    return f"{messages}, {tally.flagged:,} flagged{faults}"


def _print_people(entries: Counts, names: Mapping[str, str]) -> None:
    people: Counts = {}
    for entry_id, count in entries.items():
        name = names.get(entry_id, entry_id)
        people[name] = people.get(name, 0) + count
    _print_counts("PERSON", people)


def _print_counts(title: str, counts: Counts) -> None:
    if not counts:
        return
    print()
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    Table(Column(title, gives_way=True), Column("MESSAGES")).write(
        (name, f"{count:,}") for name, count in rows[:MAX_PEOPLE]
    )
    if len(rows) > MAX_PEOPLE:
        print(f"and {len(rows) - MAX_PEOPLE:,} more")
