"""The words by which a display name says that somebody writes for somebody else: "Jane Roe via SignDesk".

They are those of mailing lists, which say "via" in the list's language, and of mail programs, which say "on behalf of".
Each stands as a word of its own with something behind it, or, where a language puts it behind, with something before.
"""

from __future__ import annotations

import re
from functools import cache

from sosie.detection.claim import Claim
from sosie.likeness.person_name import shown

MAX_READ = 1_000  # characters of a name: farther off nobody reads, and a header may be of 256 KiB
MAX_BESIDE = 60  # characters of what stands beside the words that are told again

# By language; the words of one are harmless in the others, because a protected name stands beside them.
_BEFORE = {
    "English": "via|on behalf of|obo",
    "German": "über|durch|im auftrag von|im auftrag der|im auftrag des|im namen von|im namen der|im namen des",
    "French": "par|de la part de|au nom de|pour le compte de",
    "Spanish": "vía|por|a través de|en nombre de|de parte de",
    "Portuguese": "através de|em nome de|da parte de",
    "Italian": "tramite|per conto di|a nome di|da parte di",
    "Dutch": "namens|in opdracht van",
    "Danish, Norwegian, Swedish": "på vegne af|på vegne av|på uppdrag av|genom|gjennom|gennem",
    "Polish": "przez|w imieniu|za pośrednictwem",
    "Czech": "přes|jménem|prostřednictvím",
    "Russian": "через|от имени|от лица",
    "Ukrainian": "від імені|за дорученням",
    "Greek": "μέσω|εκ μέρους",
    "Vietnamese": "qua|thay mặt",
    "Indonesian": "melalui|atas nama",
    "Arabic": "عبر|نيابة عن",
    "Hebrew": "באמצעות|מטעם|בשם",
}
_BEHIND = {
    "Turkish": "adına|aracılığıyla",
    "Finnish": "puolesta|kautta",
    "Hungarian": "nevében|keresztül",
    "Korean": "대신|통해",
    "Hindi": "की ओर से",
}
_BEHIND_WITHOUT_SPACE = {"Japanese": "経由|に代わって|を代理して", "Chinese": "代發|代发|通過|通过|透過"}


def _any(words: dict[str, str]) -> str:
    return "|".join(words.values())


@cache
def _phrases() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """With something behind, and with something before; made when a name is the first to have such a word."""
    first = rf"(?<!\w)(?:{_any(_BEFORE)})\s+\S.{{0,{MAX_BESIDE}}}"
    last = rf"(?<=\S)(?:\s(?:{_any(_BEHIND)})(?!\w)|\s?(?:{_any(_BEHIND_WITHOUT_SPACE)}))"
    return re.compile(first, re.IGNORECASE), re.compile(last, re.IGNORECASE)


# Nearly every name has none of the words that a phrase begins with, and needs no second look.
_WORD = re.compile(r"[a-z]+")
_BEGIN = frozenset(phrase.split()[0] for phrase in _any(_BEFORE | _BEHIND).split("|"))


def behalf(claim: Claim) -> str:
    """What a false claim's name, or the comment beside it, says of whom, or through what, somebody writes for.

    Empty if it says nothing, and where the protected name itself has such a word: people are called Via and Par, too.
    """
    mailbox = claim.mailbox
    found = _search(mailbox.display_name) or (_search(mailbox.comment) if mailbox.comment else "")
    return "" if found and _search(claim.matches[0].identity.name) else found


def _search(text: str) -> str:
    if text.isascii():
        text = text[:MAX_READ]
        if _BEGIN.isdisjoint(_WORD.findall(text.lower())):
            return ""
    else:
        text = shown(text)[:MAX_READ]
    first, last = _phrases()
    if found := first.search(text):
        return found[0]
    if found := last.search(text):
        return text[max(0, found.start() - MAX_BESIDE) : found.end()].strip()
    return ""
