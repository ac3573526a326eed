"""Names that nobody made up for this: what one person calls themselves, and names disguised in any script.

A natural variant is a pair of names of one person, from the lists (one address, two names) and from key rings. The
first is registered with an address, the second writes from a stranger's, and must be flagged.
"""

from __future__ import annotations

import re
from argparse import Namespace
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from email.utils import parseaddr
from typing import NamedTuple

from quality.alarms import is_rewritten, words
from quality.compose import AUTHSERV_ID, compose, mailbox
from quality.crowd import judge_all
from quality.disguises import DISGUISES, NAMES
from quality.judgement import Knowledge, Sosie
from quality.letters import Letter, Person
from quality.run import Run
from quality.table import print_table, share
from sosie.mail.message import Message

LIMIT_NATURAL = 0.75
LIMIT_DISGUISED = 1.0
STRANGER = "office.desk71@freemail.example"
RESULTS = ("dmarc=pass header.from=freemail.example",)
_COMMENT = re.compile(r"\([^()]*\)")
# What calls itself so is a program or an office, not a person who has two names.
_NOBODY = re.compile(
    r"\b(?:bot\d*|robot|gerrit|jenkins|github|admin|list|team|daemon|noreply|no-reply|kernel|ci|via)\b", re.IGNORECASE
)


class Pair(NamedTuple):
    """Two names of one person, and a true address."""

    source: str
    registered: str
    other: str
    address: str


def show_variants(run: Run, options: Namespace) -> None:
    """Natural variants, and disguises of invented names of many scripts."""
    _show_natural(run, options)
    _show_disguised(run, options)


def _show_natural(run: Run, options: Namespace) -> None:
    pairs = [*_of_lists((*run.mail[0], *run.mail[1])), *_of_key_rings(run.letters.uids())]
    people = dict.fromkeys(Person(pair.registered, (pair.address,)) for pair in pairs)  # once, whatever else they write
    detector = Sosie(people, Knowledge((AUTHSERV_ID,)))
    raws = [compose(mailbox(pair.other, STRANGER), number, results=RESULTS) for number, pair in enumerate(pairs)]
    verdicts = judge_all(detector, raws)
    caught = [(pair, verdict is not None) for pair, verdict in zip(pairs, verdicts, strict=True)]
    rows = [("natural variants", "pairs", "flagged")]
    groups = {
        "all": caught,
        "lists": [one for one in caught if one[0].source == "lists"],
        "key rings": [one for one in caught if one[0].source == "key rings"],
        "related: a word in common, or another script": [one for one in caught if _related(one[0])],
    }
    for title, group in groups.items():
        value = sum(flagged for _, flagged in group) / max(1, len(group))
        rows.append((title, str(len(group)), share(value)))
        run.figures.setdefault("variants", {})[title] = [len(group), value]
        if title == "all" or title.startswith("related"):
            run.limit(f"natural variants, {title.partition(':')[0]} names", value, LIMIT_NATURAL, at_least=True)
    print_table("Names that people have beside the registered one", rows)
    if options.misses == "variants":
        for pair, flagged in caught:
            if not flagged:
                print(f"  {pair.source}{' related' if _related(pair) else ''}: {pair.registered!r} {pair.other!r}")


def _of_lists(letters: Iterable[Letter]) -> Iterator[Pair]:
    names: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for letter in letters:
        message = Message.from_bytes(letter.raw)
        if len(message.author) == 1 and not is_rewritten(message):
            (author,) = message.author
            names[author.address_text.casefold()][" ".join(author.display_name.split())] += 1
    for address, counts in names.items():
        yield from _pairs("lists", address, [name for name, _ in counts.most_common()])


def _of_key_rings(people: Iterable[list[str]]) -> Iterator[Pair]:
    for uids in people:
        read = [parseaddr(_COMMENT.sub("", uid)) for uid in uids]
        address = next((address for _, address in read if "@" in address), "")
        yield from _pairs("key rings", address, [name for name, _ in read])


def _pairs(source: str, address: str, names: Iterable[str]) -> Iterator[Pair]:
    """The first name with each that differs from it in more than case."""
    usable = [name for name in names if len(words(name)) > 1 and "@" not in name and not _NOBODY.search(name)]
    different = {name.casefold(): name for name in reversed(usable)}
    for key, name in different.items():
        if usable and key != usable[0].casefold() and address.isascii() and "@" in address:
            yield Pair(source, usable[0], name, address)


def _related(pair: Pair) -> bool:
    """Whether the names have a word in common, or none could be because only one is Latin.

    What is left are people who took another name altogether, and several people who write from one address.
    """
    one, other = words(pair.registered), words(pair.other)
    if "".join(one).isascii() != "".join(other).isascii():
        return True
    return bool(set(one) & set(other)) or "".join(one) == "".join(other)


def _show_disguised(run: Run, options: Namespace) -> None:
    people = [Person(name, (f"person{number}@example.com",)) for number, name in enumerate(NAMES.values())]
    detector = Sosie(people, Knowledge((AUTHSERV_ID,)))
    rows = [("disguise", "names", "flagged", "missed in")]
    for title, disguise in DISGUISES.items():
        disguised = {script: disguise(name) for script, name in NAMES.items()}
        used = [script for script, name in disguised.items() if name != NAMES[script]]
        raws = [
            compose(mailbox(disguised[script], STRANGER), number, results=RESULTS) for number, script in enumerate(used)
        ]
        verdicts = judge_all(detector, raws)
        missed = [script for script, verdict in zip(used, verdicts, strict=True) if verdict is None]
        value = 1 - len(missed) / len(used)
        rows.append((title, str(len(used)), share(value), _some(missed)))
        run.figures.setdefault("disguised", {})[title] = value
        if options.misses == "disguised":
            for script in missed:
                print(f"  {title} {script}: {NAMES[script]!r} {disguised[script]!r}")
    worst = min(run.figures["disguised"].values())
    run.limit("disguised names of many scripts: worst disguise", worst, LIMIT_DISGUISED, at_least=True)
    print_table("Disguised names of many scripts", rows)


def _some(scripts: list[str]) -> str:
    return ", ".join(scripts[:3]) + (f" and {len(scripts) - 3} more" if len(scripts) > 3 else "")
