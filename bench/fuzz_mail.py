"""Look for a message that cannot be read: every fact of each input, without an exception and within a time limit.

    python bench/fuzz_mail.py --runs 1000000 [--seconds 600] [--seed 1] [--plain] [--judge] [--limit-ms 20] [FOLDER...]

With --judge each is judged instead, by a registry of a thousand people and those of the letters.

With atheris installed, coverage decides which inputs are worth changing further; without it, or with --plain, letters
are changed at random. Seeds are the letters of the tests and of the FOLDERs given. A finding is written beside the
present folder as `fuzz-mail-<kind>-<digest>` and ends the run with status 1.

Time is that of the processor. An input over the limit is read three times more, and only the fastest counts, since
a garbage collection may fall into any of them.
"""

import argparse
import hashlib
import json
import random
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from time import monotonic, process_time

try:
    import atheris
except ImportError:
    atheris = None
if "--plain" in sys.argv:
    atheris = None  # instrumented code takes twice the time

if atheris:
    with atheris.instrument_imports(include=["sosie.mail"]):
        from sosie.mail import message as reader
else:
    from sosie.mail import message as reader

from sosie.detection.arrival import NO_ENVELOPE
from sosie.detection.examine import examine_closely
from sosie.detection.strangers import is_own, is_strangers
from sosie.detection.verdict import Verdict
from sosie.mail.message import Message
from sosie.registry.entry import read_new_entry  # after what is instrumented
from sosie.screening.corridor import NotAMessage, screen
from sosie.screening.standalone import snapshot_of

LETTERS = Path(__file__).parents[1] / "tests" / "letters"
MAX_INPUT = 16 * 1024
TRUSTED = ("mx.example.com", "example.com", "mx.google.com")
FACTS = [
    name
    for name in dir(reader.Message)
    if not name.startswith("_") and not callable(getattr(reader.Message, name)) and name != "header_section"
]

# What letters of people seldom hold, and what readers trip over.
FRAGMENTS = r"""
Authentication-Results:|ARC-Authentication-Results: i=1;|DKIM-Signature: d=|List-Id: <a.example>|
List-Post: <mailto:a@b>|Return-Path: <>|Delivered-To:|Content-Type: multipart/report;|Auto-Submitted: auto-replied|
X-Original-From:|Resent-From:|From:|Sender:|Reply-To:|To:|Cc:|Subject:|Message-ID:|Precedence: list|X-BeenThere:|
Mailing-list: list a@b; contact|mx.example.com;|dmarc=pass|dmarc=fail|spf=pass|dkim=pass|header.from=example.com|
header.d=|smtp.mailfrom=|reason="|policy.|=?utf-8?q?|=?utf-8?b?|=?iso-2022-jp?b?|=?utf-7?q?|?=|=22|=E2=80=AE|
<a@b.example>|<@a:b@c>|"a\"b"|(a(b)c)|: ;|;boundary="|jane@example.com|Jane Roe|xn--|[192.0.2.1]|%40|\|"|(|)|<|>|
@|,|;|:|=|.
""".replace("\n", "").split("|")
OCTETS = [
    b"\r\n",
    b"\n",
    b"\r",
    b"\r\n ",
    b"\n\t",
    b"\0",
    b"\xff",
    b"\xc3",
    "\u200b".encode(),
    "\U000e0100".encode(),
    b" ",
]
PIECES = [*(fragment.encode() for fragment in FRAGMENTS), *OCTETS]


class Finding(Exception):
    """A message that cost too much; what raised is a finding of itself."""


def read_everything(raw: bytes) -> float:
    """Ask for every fact, look for what no fact may hold; the seconds that the facts took."""
    started = process_time()
    message = reader.Message.from_bytes(raw)
    facts = [getattr(message, name) for name in FACTS]
    facts += [message.trusted_results(TRUSTED), message.foreign_results(TRUSTED)]
    seconds = process_time() - started
    for mailbox in (*message.author, *message.recipients, *message.original_from):
        if mailbox.address is not None:
            _ = mailbox.address.text, mailbox.address.compared
    repr(facts).encode()  # no lone surrogates
    return seconds


def judgement() -> Callable[[bytes], float]:
    """What judges a message and gives the seconds that it took."""
    registries = [json.loads(file.read_text("utf-8")) for file in sorted(LETTERS.glob("*/registry.json"))]
    people = [entry for registry in registries for entry in registry]
    people += [
        {"name": f"Person Number{place} Of Thousand", "email": f"person{place}@example.net", "is_email_regex": False}
        for place in range(1000)
    ]
    snapshot = snapshot_of(map(read_new_entry, people), (), TRUSTED)

    def judged(raw: bytes) -> float:
        started = process_time()
        found: Verdict | None = None
        with suppress(NotAMessage):
            found = screen(raw, snapshot)
            repr(found).encode()
        seconds = process_time() - started
        if found is not None and not found.findings:
            message = Message.from_bytes(raw)
            known = snapshot.knowledge
            if is_strangers(message, known) or is_own(message, known, NO_ENVELOPE):  # the techniques were not asked
                started = process_time()
                if examine_closely(message, snapshot.knowledge) != found:
                    raise Finding("a short cut misses what the techniques find")
                seconds = max(seconds, process_time() - started)
        return seconds

    return judged


def judge(raw: bytes, limit: float, took: Callable[[bytes], float]) -> None:
    """Raise what reading raises, or Finding if it is slow each time."""
    if took(raw) > limit and (fastest := min(took(raw) for _ in range(3))) > limit:
        raise Finding(f"{fastest * 1000:.1f} ms")


def read_seeds(folders: Iterable[Path]) -> list[bytes]:
    files = [
        file for folder in folders for file in sorted(folder.rglob("*")) if file.is_file() and file.suffix != ".json"
    ]
    return [file.read_bytes()[:MAX_INPUT] for file in files] or [b"From: Jane Roe <jane@example.com>\r\n\r\n"]


def changed(raw: bytes, dice: random.Random, seeds: list[bytes]) -> bytes:
    """A few changes: pieces put in, cut out, repeated, exchanged for those of another letter."""
    for _ in range(1 + int(dice.expovariate(0.4))):
        start = dice.randrange(len(raw) + 1)
        end = min(len(raw), start + int(dice.expovariate(0.05)))
        kind = dice.random()
        if kind < 0.5:
            piece = b"".join(dice.choices(PIECES, k=1 + int(dice.expovariate(0.7))))
        elif kind < 0.65:
            piece = b""
        elif kind < 0.75:
            piece = raw[start:end] * int(1 + dice.expovariate(0.1))
        elif kind < 0.9:
            other = dice.choice(seeds)
            begin = dice.randrange(len(other) + 1)
            piece = other[begin : begin + int(dice.expovariate(0.01))]
        else:
            piece = dice.randbytes(1 + int(dice.expovariate(0.5)))
        raw = raw[:start] + piece + raw[end:]
    return raw[:MAX_INPUT]


def fuzz_plainly(options: argparse.Namespace, seeds: list[bytes]) -> int:
    """Change letters at random; a changed one may be changed again. Gives the number of inputs."""
    dice = random.Random(options.seed)
    pool = list(seeds)
    ends = monotonic() + options.seconds
    for number in range(options.runs):
        raw = changed(dice.choice(pool), dice, seeds)
        examine(raw, options)
        if dice.random() < 0.05:
            pool.append(raw)
            if len(pool) > len(seeds) + 2000:
                pool.pop(dice.randrange(len(seeds), len(pool)))
        if number % 50_000 == 0:
            print(f"{number} inputs", flush=True)
            if monotonic() > ends:
                return number
    return options.runs


def examine(raw: bytes, options: argparse.Namespace) -> None:
    """Judge one input; write down what is wrong with it."""
    try:
        judge(raw, options.limit_ms / 1000, options.took)
    except Exception as error:  # whatever a message makes the program raise is what is looked for; it is raised again
        kind = "slow" if isinstance(error, Finding) else "crash"
        file = Path(f"fuzz-mail-{kind}-{hashlib.sha256(raw).hexdigest()[:16]}")
        file.write_bytes(raw)
        print(f"{file}: {type(error).__name__}: {error}", file=sys.stderr)
        raise


def fuzz_by_coverage(options: argparse.Namespace, seeds: list[bytes]) -> None:
    """Hand the reader to atheris, which ends the process."""
    corpus = Path(options.corpus)
    corpus.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        (corpus / hashlib.sha256(seed).hexdigest()).write_bytes(seed)
    words = corpus.with_suffix(".dict")
    words.write_text("".join('"' + "".join(map("\\x{:02x}".format, piece)) + '"\n' for piece in PIECES))
    arguments = [sys.argv[0], f"-runs={options.runs}", f"-seed={options.seed}", f"-max_len={MAX_INPUT}"]
    arguments += [f"-dict={words}", f"-max_total_time={options.seconds}", "-timeout=10", str(corpus)]
    atheris.Setup(arguments, lambda raw: examine(raw, options))
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER", help="further letters to begin with")
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=3600, help="stop after this time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit-ms", type=float, default=20)
    parser.add_argument("--plain", action="store_true", help="do not use atheris")
    parser.add_argument("--corpus", default="fuzz-mail-corpus", help="where atheris keeps inputs that reach new code")
    parser.add_argument("--judge", action="store_true", help="judge each message, instead of asking for every fact")
    options = parser.parse_args()
    options.took = judgement() if options.judge else read_everything
    seeds = read_seeds([LETTERS, *options.folders])
    if atheris and not options.plain:
        fuzz_by_coverage(options, seeds)
        return
    number = fuzz_plainly(options, seeds)
    print(f"{number} inputs from {len(seeds)} letters: none raised, none took more than {options.limit_ms} ms")


if __name__ == "__main__":
    main()
