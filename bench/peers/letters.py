"""Letters and registries: people of `quality.namesakes`, and mail as an organisation gets it, the same every time.

Of a hundred letters, five are forged in the name of one of the first hundred people, ten are those people's own, five
come from people who may be called as somebody registered, sixty from a thousand correspondents, of whom some write
often and most seldom, and twenty from strangers who write once: their names hold words that nobody has seen before.
"""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random
from typing import NamedTuple

from quality.compose import AUTHSERV_ID, mailbox
from quality.letters import Person
from quality.namesakes import SEED, namesakes, rare_name

SMALL, LARGE = 10_000, 300
KNOWN = 100  # the people that every registry has
CORRESPONDENTS = 1_000
HEADS = "Bran Cal Den Far Gal Har Ken Lam Mar Nor Pel Ros Sal Tor Val Wen".split()
HEARTS = "be da de do ga gi ka ki la le li lo ma mi mo na ni no ra ri ro sa se si ta te ti to va ve vi".split()
TAILS = "berg beck dale feld ford gren hart holm hurst low man mond ridge shaw son strom vik wald well worth".split()
STRANGER = "stranger"  # begins the address of whoever writes once: wrk puts another new name before it each time
WORDS = (
    "the of and to in we that is for on with as it be by this are was from or have an they which at you one had not "
    "your all new more will home about page search free our out up may what any time their there see only so his when "
    "contact here business who web also now help get view online first been would how were services some these click "
    "like service than find price date back top people list name just over state year day into email two health world "
    "next used go work last most products music buy data make them should product system post her city add policy "
    "number such please available copyright support message after best software then good video well where rights "
    "public books high school through each links she review years order very privacy book items company read group "
    "need many user said does set under general research university january mail full map reviews program life know"
).split()


class Letters(NamedTuple):
    """`small`, what is left of those without a body, and `large`; in octets, with LF at the ends of lines."""

    small: list[bytes]
    heads: list[bytes]
    large: list[bytes]


def letters_of(small: Path | None = None, large: Path | None = None) -> Letters:
    """From folders of .eml files where they are named, else made up."""
    smalls = _read(small) if small else list(islice(_made_up(_text), SMALL))
    larges = _read(large) if large else list(islice(_made_up(_newsletter), LARGE))
    return Letters(smalls, [one.partition(b"\n\n")[0] + b"\n\n" for one in smalls], larges)


def forged(person: Person, number: int = 0) -> bytes:
    """A letter in somebody's name from an address that is not his."""
    return _letter(mailbox(person.name, f"desk{number}@freemail.example"), number, b"\nAre you at your desk?\n")


def honest(number: int = 0) -> bytes:
    """A letter of a stranger, of a usual size."""
    random = Random(SEED + number)
    author = mailbox(rare_name(random), f"writer{number}@elsewhere.example")
    return _letter(author, number, _text(random))


def new_name(random: Random) -> str:
    """Of words that nobody has seen before."""
    return " ".join("".join(map(random.choice, (HEADS, HEARTS, HEARTS, TAILS))) for _ in range(2))


def write_csv(file: Path, count: int) -> Path:
    """A registry for sosie."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["Display_Name", "Email"])
        rows.writerows([person.name, ", ".join(person.addresses)] for person in namesakes(count))
    return file


def addresses_by_name(count: int) -> dict[str, list[str]]:
    """The same people for programs that look a name up: in small letters, with the addresses of all who bear it."""
    known: dict[str, list[str]] = {}
    for person in namesakes(count):
        known.setdefault(" ".join(person.name.lower().split()), []).extend(person.addresses)
    return known


def write_json(file: Path, count: int) -> Path:
    """The same as JSON."""
    file.write_text(json.dumps(addresses_by_name(count)), encoding="utf-8")
    return file


def write_maildir(folder: Path, letters: list[bytes]) -> Path:
    """A Maildir that holds them."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)
    for number, raw in enumerate(letters):
        (folder / "cur" / f"{number:06}.peers:2,S").write_bytes(raw)
    return folder


def _read(folder: Path) -> list[bytes]:
    """The letters of a folder, every twentieth of them forged."""
    people = list(namesakes(KNOWN))
    found = [file.read_bytes().replace(b"\r\n", b"\n") for file in sorted(folder.glob("*.eml"))]
    for number in range(0, len(found), 20):
        found[number] = _with_author(found[number], mailbox(people[number % KNOWN].name, "desk@freemail.example"))
    return found


def _with_author(raw: bytes, author: str) -> bytes:
    head, _, body = raw.partition(b"\n\n")
    kept, inside = [f"From: {author}".encode()], False
    for line in head.split(b"\n"):
        inside = line.lower().startswith(b"from:") or (inside and line[:1] in b" \t")
        if not inside:
            kept.append(line)
    return b"\n".join(kept) + b"\n\n" + body


def _made_up(body_of: object) -> Iterator[bytes]:
    random = Random(SEED)
    people = list(namesakes(KNOWN))
    correspondents = [rare_name(random) for _ in range(CORRESPONDENTS)]
    for number, other in enumerate(namesakes(10**9, SEED + 1)):
        kind = random.random()
        if kind < 0.05:
            author = mailbox(random.choice(people).name, f"desk{number}@freemail.example")
        elif kind < 0.15:
            person = random.choice(people)
            author = mailbox(person.name, person.addresses[0])
        elif kind < 0.2:
            author = mailbox(other.name, f"somebody{number}@elsewhere{number % 1000}.example")
        elif kind < 0.8:
            writer = int(CORRESPONDENTS * random.random() ** 3)
            author = mailbox(correspondents[writer], f"writer{writer}@elsewhere{writer}.example")
        else:
            author = mailbox(new_name(random), f"{STRANGER}{number}@elsewhere{number % 1000}.example")
        yield _letter(author, number, body_of(random))


def _letter(author: str, number: int, body: bytes) -> bytes:
    """With the trace and the signature that a letter has after it came through three hosts. `body` begins with its own
    fields and an empty line."""
    random = Random(number)
    domain = author.rpartition("@")[2].rstrip(">")
    trace = "".join(
        f"Received: from relay{hop}.{domain} (relay{hop}.{domain} [192.0.2.{hop}])\n"
        f"\tby mx{hop}.firm.example (Postfix) with ESMTPS id {random.randrange(16**8):08x}\n"
        f"\tfor <accounts@firm.example>; Tue, 14 Nov 2023 22:13:2{hop} +0000 (UTC)\n"
        for hop in range(3)
    )
    signature = base64.b64encode(random.randbytes(256)).decode()
    folded = "\n\t".join(signature[at : at + 70] for at in range(0, len(signature), 70))
    return (
        f"Return-Path: <bounce{number}@{domain}>\n{trace}"
        f"Authentication-Results: {AUTHSERV_ID}; dkim=pass header.d={domain}; spf=pass smtp.mailfrom={domain};\n"
        f"\tdmarc=pass header.from={domain}\n"
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain}; s=mail;\n"
        f"\th=from:to:subject:date:message-id; bh={signature[:43]}=;\n\tb={folded}\n"
        f"From: {author}\nTo: Accounts <accounts@firm.example>\nSubject: {' '.join(random.choices(WORDS, k=6))}\n"
        f"Date: Tue, 14 Nov 2023 22:13:20 +0000\nMessage-ID: <{number}.{signature[:12]}@{domain}>\nMIME-Version: 1.0\n"
    ).encode() + body


def _words(random: Random, count: int) -> str:
    words = random.choices(WORDS, k=count)
    return "\n".join(" ".join(words[at : at + 12]) for at in range(0, count, 12))


def _text(random: Random) -> bytes:
    """Some 2 kB, so that the letter has 3.5: text, and in every second letter the same as HTML, as programs send it."""
    if random.random() < 0.5:
        return f"Content-Type: text/plain; charset=utf-8\n\n{_words(random, random.randrange(150, 600))}\n".encode()
    words = _words(random, random.randrange(50, 200))
    return _parts("alternative", [_plain(words), _html(words.replace("\n", "<br>\n"), random, random.randrange(2, 12))])


def _newsletter(random: Random) -> bytes:
    """Text, HTML with many links, and in every second letter an attachment: in the middle 94 kB."""
    parts = [_plain(_words(random, random.randrange(400, 3000))), _html("", random, random.randrange(250, 850))]
    if random.random() < 0.5:
        attached = base64.encodebytes(random.randbytes(random.randrange(20_000, 160_000))).decode()
        parts.append(f"Content-Type: application/pdf; name=r.pdf\nContent-Transfer-Encoding: base64\n\n{attached}")
    return _parts("mixed", parts)


def _plain(words: str) -> str:
    return f"Content-Type: text/plain; charset=utf-8\n\n{words}\n"


def _html(text: str, random: Random, links: int) -> str:
    cells = "\n".join(
        f'<tr><td style="padding:{place % 9}px"><a href="https://news.example/t/{place}?u={random.randrange(10**9)}">'
        f"{random.choice(WORDS)}</a></td></tr>"
        for place in range(links)
    )
    return (
        "Content-Type: text/html; charset=utf-8\n\n<html><head><style>.c{color:#123;font:12px Arial}</style></head>"
        f"<body><p>{text}</p><table>{cells}</table></body></html>\n"
    )


def _parts(kind: str, parts: list[str]) -> bytes:
    body = "".join(f"--peers-bench\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="peers-bench"\n\n{body}--peers-bench--\n'.encode()
