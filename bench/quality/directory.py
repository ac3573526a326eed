"""How false alarms grow with the registry: the people of `v1` among more and more namesakes."""

from __future__ import annotations

import re
from argparse import Namespace

from quality import alarms
from quality.baselines import BASELINES
from quality.judgement import GRAVE, Sosie
from quality.run import Run
from quality.table import number, print_table
from sosie.detection import how
from sosie.detection.techniques import author_name
from sosie.detection.verdict import NONE

_SAME = re.compile(rf"Seen: (?:{how.EXACT}|{how.JOINED}|{how.TRANSLITERATED})\b")

# Entries, and how many senders per 10,000 messages may be flagged who are not called as anybody in the registry. From
# 100,000 entries on there is always somebody with a similar name, so a name that is only alike may no longer count.
SIZES = {1_000: 2.0, 10_000: 5.0, 100_000: 0.0}
SCANNED = 10_000  # entries up to which the detectors that look at every name are measured: past that they take minutes
HEADINGS = ("detector", "flagged", "senders", "grave", "grave snd.", "same name snd.", "other name snd.")


def show_directory(run: Run, options: Namespace) -> None:
    """False alarms with 1,000, 10,000 and 100,000 entries; a name is the same if its words are, in any order."""
    rows = [HEADINGS]
    for size, limit in SIZES.items():
        people = (*run.registry("v1"), *run.namesakes(size - len(run.registry("v1"))))
        judge = run.judge(people)
        for name, baseline in BASELINES.items():
            if not options.no_baselines and (size <= SCANNED or name == "naive"):
                rows.append(_row(f"{size:,} {name}", alarms.measure(baseline(people), run.mail[1], judge)))
        for mode in ("auth", "vouched"):
            found = alarms.measure(Sosie(people, run.knowledge(mode)), run.mail[1], judge)
            rows.append(_row(f"{size:,} {mode}", found))
            run.figures.setdefault("directory", {})[f"{size} {mode}"] = alarms.to_json(found)
            if mode == "auth":
                if limit:
                    other = found.senders(kinds=("other",))
                    run.limit(f"alarms {size:,} entries: another name, senders per 10,000", other, limit)
                else:
                    run.limit(
                        f"alarms {size:,} entries: a name that is only alike, senders", len(_only_alike(found)), 0
                    )
            if options.flagged:
                alarms.print_examples(f"{size:,} {mode}", found, options.flagged, options.examples)
    print_table("False alarms per 10,000 messages among namesakes", rows)


def _only_alike(found: alarms.Alarms) -> set[str]:
    """Senders who were flagged for a name that is not the same after normalization, whatever their own name is."""
    return {
        alarm.sender
        for alarm in found.alarms
        for finding in alarm.verdict.findings
        if finding.name == author_name.NAME and finding.detection != NONE and not _SAME.search(finding.detail)
    }


def _row(title: str, found: alarms.Alarms) -> tuple[str, ...]:
    values = (
        found.rate(),
        found.senders(),
        found.rate(dispositions=GRAVE),
        found.senders(dispositions=GRAVE),
        found.senders(kinds=("same",)),
        found.senders(kinds=("other",)),
    )
    return title, *map(number, values)
