"""The parts of the measure, each printing its table and keeping its figures."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable

from quality import alarms, recall
from quality.baselines import BASELINES
from quality.crowd import Detector
from quality.directory import show_directory
from quality.judgement import GRAVE, Sosie
from quality.letters import Person
from quality.run import MODES, Run
from quality.table import number, print_table, share
from quality.variants import show_variants

REGISTRIES = ("v1", "all")


def show_recall(run: Run, options: Namespace) -> None:
    """Recall per class, for both registries, with authentication results; then what history takes away from it."""
    columns: dict[str, recall.Recall] = {}
    if not options.no_baselines:
        for name, baseline in BASELINES.items():
            columns[name] = recall.measure(baseline(run.registry("v1")), run.attacks)
    for registry in REGISTRIES:
        for mode in ("no auth", "auth", "history") if registry == "v1" else ("auth",):
            detector = Sosie(run.registry(registry), run.knowledge(mode))
            columns[f"{registry} {mode}"] = recall.measure(detector, run.attacks)
    _print_recall(columns)
    for registry in REGISTRIES:
        found = columns[f"{registry} auth"]
        run.limit(f"recall {registry}: mean over classes", found.mean, recall.LIMIT_MEAN, at_least=True)
        run.limit(f"recall {registry}: classes below their limit", len(found.short), 0)
    run.figures["recall"] = {
        name: {**one.shares, "mean": one.mean, "grave": one.grave} for name, one in columns.items()
    }
    if options.misses:
        missed = [one for one in columns["v1 auth"].missed if one.kind.startswith(options.misses)]
        print(f"\n{len(missed)} missed")
        for attack in missed[: options.examples]:
            print(f"  {attack.person!r}: {attack.display_name!r} <{attack.address}> {attack.reply_to} {attack.dmarc}")


def _print_recall(columns: dict[str, recall.Recall]) -> None:
    kinds = next(iter(columns.values())).shares
    short = {kind for registry in REGISTRIES for kind in columns[f"{registry} auth"].short}
    rows = [("class", *columns, "limit", "")]
    for kind in kinds:
        shares = (share(one.shares[kind]) for one in columns.values())
        rows.append((kind, *shares, share(recall.limit_of(kind)), "over" if kind in short else "PASS"))
    rows.append(("mean over classes", *(share(one.mean) for one in columns.values()), share(recall.LIMIT_MEAN), ""))
    rows.append(("worst class", *(share(min(one.shares.values())) for one in columns.values()), "", ""))
    rows.append(("mean, grave", *(share(one.grave) for one in columns.values()), "", ""))
    print_table("Recall: share of attacks that are flagged", rows)


def show_alarms(run: Run, options: Namespace) -> None:
    """False alarms on the test half of the lists and on mail of another time, for both registries and in all modes."""
    rows = [HEADINGS]
    for registry in REGISTRIES:
        people = run.registry(registry)
        judge = run.judge(people)
        for name, detector in _detectors(run, people, options):
            found = alarms.measure(detector, run.mail[1], judge)
            rows.append(_row(f"lists {registry}: {name}", found))
            run.figures.setdefault("alarms", {})[f"{registry} {name}"] = alarms.to_json(found)
            if name == "auth":
                other = found.senders(kinds=("other",))
                run.limit(f"alarms {registry} {name}: another person, senders per 10,000", other, 2)
            if name in ("history", "vouched"):
                _limit(run, f"{registry} {name}", found)
            if options.flagged and name in MODES and name != "no auth":
                alarms.print_examples(f"{registry} {name}", found, options.flagged, options.examples)
        detector = Sosie(people, run.knowledge("auth"))
        rows.append(_row(f"ham 2002 {registry}: auth", alarms.measure(detector, run.ham, judge)))
    print_table("False alarms per 10,000 messages: messages, and distinct senders of each kind", rows)


HEADINGS = (
    *("detector", "flagged", "senders", "grave", "grave snd.", "susp. snd."),
    *(f"{kind} snd." for kind in alarms.KINDS),
    *("munged", "relayed", "dmarc"),
)


def _detectors(run: Run, people: tuple[Person, ...], options: Namespace) -> list[tuple[str, Detector]]:
    simple = [] if options.no_baselines else [(name, baseline(people)) for name, baseline in BASELINES.items()]
    return [*simple, *((mode, Sosie(people, run.knowledge(mode))) for mode in MODES)]


def _row(title: str, found: alarms.Alarms) -> tuple[str, ...]:
    values = (
        found.rate(),
        found.senders(),
        found.rate(dispositions=GRAVE),
        found.senders(dispositions=GRAVE),
        found.senders(dispositions=("SUSPICIOUS",)),
        *(found.senders(kinds=(kind,)) for kind in alarms.KINDS),
        found.rate(kinds=("munged",)),
        found.rate(kinds=("relayed",)),
        found.rate(kinds=("dmarc",)),
    )
    return title, *map(number, values)


def _limit(run: Run, title: str, found: alarms.Alarms) -> None:
    run.limit(f"alarms {title}: grave, senders per 10,000", found.senders(dispositions=GRAVE), 3)
    run.limit(f"alarms {title}: grave, messages per 10,000", found.rate(dispositions=GRAVE), 5)
    run.limit(f"alarms {title}: suspicious, senders per 10,000", found.senders(dispositions=("SUSPICIOUS",)), 15)
    run.limit(f"alarms {title}: rewritten by lists, messages per 10,000", found.rate(kinds=("munged", "relayed")), 0)
    run.limit(f"alarms {title}: the same, of registered addresses", found.rate(kinds=("munged",)), 0)
    run.limit(f"alarms {title}: lists that fail DMARC, messages per 10,000", found.rate(kinds=("dmarc",)), 1)


PARTS: dict[str, Callable[[Run, Namespace], None]] = {
    "recall": show_recall,
    "alarms": show_alarms,
    "directory": show_directory,
    "variants": show_variants,
}
