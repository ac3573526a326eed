"""Names of people, and the forms in which two spellings of one name meet.

Theory of operation. A name is read into words, and each word is folded: what is invisible goes, what looks alike
becomes the same (the skeleton of UTS 39), case and diacritics are forgotten. A folded word is only ever compared with
folded words and never shown: it is no text. There are two folds, because case and likeness do not commute: `I` is like
`l` and `i` is not, so the case is folded before the skeleton is taken (`jane`, `JANE`), and after it (`lan` for `Ian`).

A display name holds more than a name: titles, roles, a company, a service, an address, another spelling in parentheses.
So it is read in several ways, the whole first, then its parts; whoever compares takes the first that fits.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import islice, pairwise, product
from typing import NamedTuple
from unicodedata import normalize

from sosie.likeness.accents import unaccented
from sosie.likeness.display_order import MAX_LOOKED_AT, displayed
from sosie.likeness.scripts import scripts_of
from sosie.likeness.skeleton import skeleton
from sosie.likeness.transliteration import transliterated
from sosie.likeness.visible_text import visible

MAX_LENGTH = 400  # characters of a display name that are looked at: three lines of a screen
MAX_WORDS = 48  # of one reading: as many as a long name has letters, which may be spaced out
MAX_READINGS = 12
MIN_ROLE = 3

# What stands around names and is none. Without them at least two words must be left, so that `Ma Dean` stays a name.
TITLES = frozenset(
    """
    dr mr mrs ms miss mx prof professor sir dame rev hon ing dipl mag herr frau mme madame monsieur sr sra phd md mba
    msc bsc llm jd esq cpa cfa jr ii iii iv ceo cfo cto coo cio ciso cmo vp svp evp president chairman chairwoman
    chairperson chair director manager managing partner founder cofounder owner head chief executive exec officer
    financial operating technology general assistant secretary treasurer board office of the team desk department dept
    hr it finance accounts accounting payroll sales support admin administrator mobile iphone ipad external extern
    private personal urgent important confidential new via from on behalf for at by sent inc llc ltd gmbh ag corp
    corporation company co group global international holding global und and mailbox official account
    """.split()
)

# What further stands before the @ of an address that is nobody's in particular.
ROLE_WORDS = frozenset(
    """
    mail email e info contact no reply noreply service services web webmaster postmaster alert alerts notify
    notification notifications news newsletter security verify billing invoice invoices payment payments pay bank
    legal helpdesk help it hr me my user desk message messages inbox work home business boss request urgent
    payable receivable question matter quick task document documents order delivery notice reminder immediate
    """.split()
)
_LATIN_NAME = re.compile(r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f.'-]*")
RANKS = frozenset(
    "ceo cfo coo cto cio ciso vp svp evp president chairman director exec executive chief boss office".split()
)
# Figures and signs in place of letters (J4ne, W@ng, $am, T0b1as), and a small l among capitals (WlLLIAM).
_MAY_BE_CIPHER = re.compile(r"[0-9@$!|+€£]|[A-Z]l[A-Z]")
_IN_CIPHER = re.compile(r"[A-Za-z][0-9@$!|+€£]|[0-9@$!|+€£][A-Za-z]|[A-Z]l[A-Z]")
_CIPHER = str.maketrans("02345789@$+€£", "ozeastbgastel")
_EITHER = {"1": "il", "!": "il", "|": "il", "6": "gb"}  # what stands for one of two letters
_LETTER_L = re.compile(r"(?<=[A-Z])l(?=[A-Z])")
_FIGURES = re.compile(r"(?<![^\W_])\d+(?![^\W_])")  # words of figures: 0042
MIN_WITHOUT_FIGURES = 8  # letters of a name of one word that is a name without the figures beside it
_NUMBERS = re.compile(r"[\W\d_]+")

_PARENTHESES = re.compile(r"[(\[{<«]([^()\[\]{}<>«»]*)[)\]}>»]?|(?<=\s)[\"“‘'`]+([^\"“”‘’'`]+)[\"”’'`]+(?=\s)")
_SEPARATORS = re.compile(
    r"\s+[-‐-―|/~:·•*]+\s+|[|;•·:\n\t]"
    r"|(?:^|\s+)(?:via|on behalf of|c/o|aka|a\.k\.a\.|über|durch|par|через|por|tramite)\s+",
    re.IGNORECASE,
)
_APOSTROPHES = re.compile(r"(?<=\w)['’‘`´ʼ＇](?=\w)")
_WORD = re.compile(r"[^\W_]+(?:[\u0300-\u036f]+[^\W_]*)*")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9 .'\-]")
_BETWEEN_NAMES = re.compile(r"\b(?:via|on behalf of|aka)\b")
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0]+"
)
# What NFKC makes something else of than what a reader sees: lunate sigmas, and the iota that stands alone.
_BEFORE_NFKC = str.maketrans({"\u03f2": "c", "\u03f9": "C", "\u037a": "i"})
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa", "Ø": "Oe"}
)


class Reading(NamedTuple):
    """One way to read a name: its folded words in order, by either fold, and the text that was read."""

    words: tuple[str, ...]
    late_words: tuple[str, ...]
    text: str


def normal_form(name: str) -> str:
    """The name decomposed and recomposed (NFKC, UAX 15), case-folded, its white space squeezed to single spaces.

    Empty for a name of white space alone.
    """
    return " ".join(normalize("NFKC", normalize("NFKC", name).casefold()).split())


def shown(name: str) -> str:
    """What a reader sees of a display name, without quotes around it."""
    if not name.isascii() or not name.isprintable() or len(name) > MAX_LENGTH:  # what is not seen does not count
        name = _visible(name[:MAX_LOOKED_AT])
    return name.strip()[:MAX_LENGTH].strip(" \t'\"“”„‚‘’`<>")


@lru_cache(maxsize=2048)  # asked for again and again while one message is judged
def _visible(name: str) -> str:
    return visible(displayed(name).translate(_BEFORE_NFKC))


def readings(name: str) -> tuple[Reading, ...]:
    """The ways to read a display name as somebody's name, the most likely first; none for one without letters."""
    text = shown(name)
    if not text:
        return ()
    if text.isascii() and _is_plain(text):
        reading = read(text)
        plain = untitled(reading)
        return (reading,) if plain is reading else (reading, plain)
    found: dict[tuple[str, ...], Reading] = {}
    parts = [text] if text.isascii() and text.isalnum() else _parts(text)
    if (mended := _mended(name)) is not name:
        parts.append(shown(mended))
    if _MAY_BE_CIPHER.search(text):
        parts += _deciphered(text)
    for part in parts:
        reading = read(part)
        for one in (reading, untitled(reading)):
            if one.words and len(found) < MAX_READINGS:
                found.setdefault(one.words, one)
    return tuple(found.values())


def _is_plain(text: str) -> bool:
    """Whether a text in ASCII is words, and nothing that stands between a name and something else."""
    if _NOT_IN_NAMES.search(text) or " '" in text or " - " in text or _MAY_BE_CIPHER.search(text):
        return False
    small = text.lower()
    return not (("via" in small or "aka" in small or "behalf" in small) and _BETWEEN_NAMES.search(small))


def read(text: str) -> Reading:
    """The words of a text as they stand."""
    if text.isascii():
        return _read_ascii(text)
    words = _WORD.findall(_APOSTROPHES.sub("", text))[:MAX_WORDS]
    folded = tuple(map(fold, words))
    return Reading(folded, folded if text.islower() else tuple(map(fold_late, words)), text)


def _read_ascii(text: str) -> Reading:
    """The same, without folding each word by itself: what `fold` and `fold_late` do to letters and figures of ASCII."""
    plain = _without_apostrophes(text)
    folded = _words_of_ascii(plain)
    return Reading(folded, _words_of_ascii(plain.replace("I", "l")) if "I" in plain else folded, text)


def _without_apostrophes(ascii_text: str) -> str:
    return _APOSTROPHES.sub("", ascii_text) if "'" in ascii_text or "`" in ascii_text else ascii_text


def _words_of_ascii(text: str) -> tuple[str, ...]:
    return tuple(_ASCII_WORD.findall(_folded_ascii(text))[:MAX_WORDS])


def untitled(reading: Reading) -> Reading:
    """Without titles and roles, where at least two words (or one that is long enough to be a name) are left."""
    if _FOLDED_TITLES.isdisjoint(reading.words):
        return reading
    kept = [place for place, word in enumerate(reading.words) if word not in _FOLDED_TITLES]
    if len(kept) in (0, len(reading.words)):
        return reading
    words = tuple(reading.words[place] for place in kept)
    return Reading(words, tuple(reading.late_words[place] for place in kept), reading.text)


def _deciphered(text: str) -> list[str]:
    """Without words of figures, and with letters for the figures and signs within words; a sign that may be one of two
    is the same one throughout."""
    texts = [_FIGURES.sub(" ", text).strip(" ._-")] if _FIGURES.search(text) else []
    if _IN_CIPHER.search(text):
        either = [sign for sign in _EITHER if sign in text]
        for letters in islice(product(*map(_EITHER.__getitem__, either)), MAX_READINGS // 2):
            table = _CIPHER | str.maketrans("".join(either), "".join(letters))
            words = (word.translate(table) if _IN_CIPHER.search(word) else word for word in text.split())
            texts.append(_LETTER_L.sub("I", " ".join(words)))
    return texts


def names_of(name: str) -> list[Reading]:
    """The names that an entry's name protects: as it stands, without titles, with umlauts written out, and what stands
    in parentheses where that is a name of its own."""
    first, *others = readings(name) or [read(name)]
    names = [first] if first.words else []
    plain = untitled(first)
    if len(plain.words) > 1 and plain.words != first.words:
        names.append(plain)
    if (written := umlauts_written_out(first.text)) is not first.text:
        names.append(read(written))
    if _FIGURES.search(first.text):
        plain = read(_FIGURES.sub(" ", first.text))
        if len(plain.words) > 1 or len("".join(plain.words)) >= MIN_WITHOUT_FIGURES:
            names.append(plain)
    if "(" in name or "," in name or not name.isascii():
        names += [one for one in others if len(one.words) > 1 or not one.text.isascii()]
    for one in [one for one in names if not INITIALS.isdisjoint(one.words)]:
        kept = [place for place, word in enumerate(one.words) if word not in INITIALS]
        if len(kept) > 1:
            names.append(Reading(tuple(one.words[n] for n in kept), tuple(one.late_words[n] for n in kept), one.text))
    return names


def _in_one_script(text: str) -> list[str]:
    """Of a name that is written twice, in Latin letters and in East Asian ones, both."""
    if text.isascii():
        return []
    east_asian = _east_asian().findall(text)
    latin = _LATIN_NAME.findall(text) if east_asian else []
    return [part for part in (" ".join(latin), "".join(east_asian)) if len(part) > 1] if latin else []


def _mended(text: str) -> str:
    """Text of UTF-8 that somebody took for Latin 1 or Windows-1252 (`GÃ¼nter`); else the same object."""
    if "Ã" not in text and "Â" not in text and "Ä" not in text and "Å" not in text:
        return text
    try:
        return text.encode("cp1252").decode()
    except UnicodeError:
        return text


def _parts(text: str) -> list[str]:
    """The whole without its parentheses, what stands in them, and what stands between separators and commas."""
    inner = [part for parts in _PARENTHESES.findall(text) for part in parts if part.strip()]
    outer = _PARENTHESES.sub(" ", text).strip() if inner else text
    parts = [outer, *inner]
    segments = [part for part in _SEPARATORS.split(outer) if part.strip()]
    if len(segments) > 1:
        parts += segments
    for segment in segments or [outer]:
        pieces = [piece for piece in segment.split(",") if piece.strip()]
        if len(pieces) > 1:
            parts += pieces
            parts += [f"{one} {other}" for one, other in pairwise(pieces)]
    parts += _in_one_script(outer)
    if not outer.isascii() and (before_department := _before_department().match(outer)):
        parts.append(before_department[1])
    if inner:
        parts.append(text)
    return parts


@cache  # made for the first name that is not in ASCII: such ranges take a millisecond
def _east_asian() -> re.Pattern[str]:
    return re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


@cache
def _before_department() -> re.Pattern[str]:
    return re.compile("([\u3400-\u9fff\uac00-\ud7a3]{2,4})[-‐_/]")


def fold(word: str) -> str:
    """The word as it is compared: its case folded, then its skeleton, without diacritics."""
    return _folded_ascii(word) if word.isascii() and word.isalnum() else _folded(word)


def _folded_ascii(text: str) -> str:
    """Words of letters and figures of ASCII folded; whatever else is in the text stays."""
    return text.lower().replace("1", "l").replace("0", "o").replace("m", "rn")


@lru_cache(maxsize=16_384)  # words of names come again and again
def _folded(word: str) -> str:
    folded = skeleton(word.casefold())
    return folded.casefold() if folded.isascii() else _MARKS.sub("", folded).casefold()


@lru_cache(maxsize=16_384)
def fold_late(word: str) -> str:
    """The same with the case folded after the skeleton, for letters that are alike in one case only."""
    return fold(skeleton(word))


def roles_beside(name: str, protected: str) -> list[str]:
    """The titles and roles in a display name that are no part of the protected name, as they are written."""
    if " " not in name:
        return []
    mine = set(map(fold, written_words(protected)))
    return [word for word in written_words(name) if fold(word) in _FOLDED_TITLES and fold(word) not in mine]


def is_title(word: str) -> bool:
    """Whether a word is a title or role."""
    return fold(word) in _FOLDED_TITLES


def is_role(local_part: str) -> bool:
    """Whether a local part is made of roles and numbers: `office.desk71`, `ceo5566`."""
    words = [word for word in _NUMBERS.split(local_part.casefold()) if word]
    short = all(len(word) < MIN_ROLE for word in words)  # me@, jr@: somebody's initials
    return not short and all(word in ROLE_WORDS or word in TITLES for word in words)


def holds_rank(local_part: str) -> bool:
    """Whether a local part names a rank among other words: `jane.roe.ceo`."""
    words = [word for word in _NUMBERS.split(local_part.casefold()) if word]
    return len(words) > 1 and not RANKS.isdisjoint(words)


def holds_role(name: str) -> bool:
    """Whether a display name says what somebody is or wants: `Accounts Payable`, `Urgent request`, `Invoice 4711`."""
    return any(word in TITLES or word in ROLE_WORDS or word.isdigit() for word in written_words(name))


def written_words(name: str) -> list[str]:
    """The words of a name as they are spelt, in lower case and without diacritics: what is alike is not the same."""
    text = shown(name)
    if text.isascii():
        return _ASCII_WORD.findall(_without_apostrophes(text).lower())
    return [unaccented(word.casefold()) for word in _WORD.findall(_APOSTROPHES.sub("", text))]


def transcribed(name: str) -> str:
    """The name in Latin letters; as it is where it is written in them."""
    return name if name.isascii() or "Latin" in scripts_of(name) else transliterated(name)


def umlauts_written_out(name: str) -> str:
    """The name with ä as ae and so on, as those write it who cannot type it; the same object if there are none."""
    if name.isascii():
        return name
    name = normalize("NFC", name)
    written = name.translate(_UMLAUTS)
    return name if written == name else written


_FOLDED_TITLES = frozenset(map(fold, TITLES))
INITIALS = frozenset(map(fold, "abcdefghijklmnopqrstuvwxyz"))  # m is folded to rn
