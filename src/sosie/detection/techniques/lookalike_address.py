"""Look-alike address: a local part spells a protected name at a free mail host, where anybody can get it.

Example: `<janeroe94@gmail.example>`, `Urgent <jane.roe.example@gmail.example>`.

Namesakes have addresses too, so it is a weak sign: it counts at free mail hosts only, and only where the display name
says nothing, or a role or a matter, instead of somebody's name. In a large registry it is not looked for.
"""

from __future__ import annotations

import re

from sosie.detection.addresses import owners
from sosie.detection.case import Case, Claim
from sosie.detection.evidence import against, expected
from sosie.detection.how import EXACT, JOINED, TRANSLITERATED, WITHOUT_MIDDLE
from sosie.detection.identity import Identity
from sosie.detection.report import Report, found, named
from sosie.detection.signs import Sign, sign
from sosie.detection.verdict import Finding
from sosie.likeness.domain_name import is_freemail, second_level_label
from sosie.likeness.person_name import holds_role, readings

NAME = "lookalike_address"
MIN_LETTERS = 6  # of a local part that may spell a name
SURE = (EXACT, JOINED, TRANSLITERATED, WITHOUT_MIDDLE)
_SEPARATORS = re.compile(r"[._\-+=\d]+")


def examine(case: Case) -> list[Finding]:
    """A finding for every author whose local part spells a protected name at a free mail host."""
    return [one for claim in case.authors if not claim.matches and (one := _finding(case, claim))]


def _finding(case: Case, claim: Claim) -> Finding | None:
    address = claim.address
    if (
        address is None
        or not case.knowledge.index.is_small
        or not is_freemail(address.domain)
        or owners(address, case.knowledge.index)
    ):
        return None
    name = claim.mailbox.display_name
    if name and not _says_nothing(name):
        return None
    words = [word for word in _SEPARATORS.split(address.local_part) if word]
    people, how = _spelt(case, words)
    if not people:
        return None
    signs: list[Sign] = [sign("local part spells the name", how), sign("free mail", address.domain)]
    if name:
        signs.append(sign("role beside the name", name[:60]))
    signs += against(case, claim._replace(matches=()))
    return found(
        NAME,
        claim,
        Report(
            portion=address.local_part,
            reason=f"Protected Name {named(people)} should not appear as {address.text}",
            expected=expected(people),
            signs=signs,
        ),
    )


def _says_nothing(name: str) -> bool:
    """Whether a display name is an address, a single word, which is nobody's full name, or holds one of a matter or a
    role; else it is the name of whoever has the address."""
    return "@" in name or holds_role(name) or all(len(reading.words) == 1 for reading in readings(name)[:1])


def _spelt(case: Case, words: list[str]) -> tuple[list[Identity], str]:
    """Whose name the words spell, without those at the end that are none of it."""
    if sum(map(len, words)) < MIN_LETTERS:
        return [], ""
    for end in range(len(words), max(0, len(words) - 3), -1):
        matches = case.knowledge.index.named(" ".join(words[:end]))
        people = [match.identity for match in matches if match.how in SURE]
        people = [one for one in people if len(one.name) >= MIN_LETTERS]
        if people:
            rest = words[end:]
            domains = {second_level_label(one.email.rpartition("@")[2].lower()) for one in people}
            return people, "with the domain's name" if domains.intersection(rest) else " ".join(words[:end])
    return [], ""
