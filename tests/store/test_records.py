"""Records are kept once, as they came, found by what they say, and removed when their time is over."""

from __future__ import annotations

import random
import time

import pytest

from sosie.detection.exemptions import Envelope
from sosie.detection.record import Party
from sosie.detection.verdict import MALICIOUS_BEC, NONE, SPOOF, SUSPICIOUS, Exemption
from sosie.registry.moments import to_rfc3339
from sosie.store import accounts, audit, record_pages, record_words, records
from sosie.store.record_pages import Cursor, RecordQuery, page
from support.flagged import flagged, verdict_of
from support.registry import deed, new_account
from support.server import Storage

NOON = 1_780_000_000_000_000  # microseconds


@pytest.fixture
def kept(opened, account):
    """(add, find, do): keep records, the ids of a page, and run any function of the store on the account."""
    run, database = opened

    def do(function, *arguments):
        return run(database.write(lambda session: function(session, account, *arguments)))

    def find(**query):
        return [one.record.id for one in run(page(database, account, RecordQuery(**query))).records]

    return (lambda *many: do(records.add, many)), find, do


def test_a_record_comes_back_as_it_went(kept):
    """Everything that it holds, and its raw octets beside it."""
    add, _, do = kept
    exempt = (Exemption("trusted sender", "news@example.com is trusted"),)
    one = flagged(raw=b"From: x\r\n\r\n\xff\0", verdict=verdict_of(exemptions=exempt, alert=True))
    add(one)
    read = do(records.read, one.id)
    assert read.record == one._replace(raw=b"")
    assert (read.disposition, read.done) == (MALICIOUS_BEC, ())
    assert do(records.raw, one.id) == one.raw
    bare = flagged(NONE, subject="", author=Party("", ""))
    add(bare)
    assert do(records.read, bare.id).record == bare
    assert do(records.raw, bare.id) is None
    assert do(records.read, "nobody") is None


@pytest.mark.parametrize(
    "text", ["\udcff lone", "nul\0nul", "\N{PILE OF POO}" * 500, "%_\\\"'*:^ AND OR (", "張偉 請求書"]
)
def test_any_text_is_kept(kept, text):
    """What no JSON and no database can hold is replaced, and no record is lost by it."""
    add, find, do = kept
    envelope = Envelope(text, (text, f"{text}@example.com"), text)
    one = flagged(subject=text, author=Party(text, text), verdict=verdict_of(message_id=text))
    one = one._replace(arrival=one.arrival._replace(envelope=envelope, helo=text), header=(("X", text),))
    add(one)
    assert do(records.read, one.id).record.subject == text.encode("utf-8", "replace").decode()
    assert find() == [one.id]
    needles = (*record_words.of_query(text), (record_words.of_sender(text),))
    assert find(needles=needles) == [one.id]


def test_what_is_added_twice_is_there_once(kept):
    """A batch that is written again, because nobody knew whether it was, adds nothing and changes nothing."""
    add, find, do = kept
    many = [flagged(moment_us=NOON + number, raw=b"x") for number in range(5)]
    add(*many[:3])
    do(records.reclassify, many[0].id, NONE, deed())
    add(*many, many[4])
    assert find() == [one.id for one in many[::-1]]
    assert do(records.read, many[0].id).disposition == NONE


def test_accounts_do_not_see_each_other(opened, kept):
    """By no filter, by no id, and what one removes is its own."""
    run, database = opened
    add, find, do = kept
    one = flagged(raw=b"x")
    add(one)
    other = run(new_account(database))
    twin = one._replace(subject="another")
    run(database.write(lambda session: records.add(session, other, [twin])))
    asked = RecordQuery(needles=((record_words.of_sender("bulk.example"),),))
    assert run(page(database, other, asked)).records[0].record.subject == "another"
    assert run(database.write(lambda session: records.prune(session, other, "9", 0))) == 1
    for query in (RecordQuery(), RecordQuery(id=one.id), asked):
        assert run(page(database, other, query)).records == []
    assert run(records.raw(database.reader, other, one.id)) is None
    assert not run(database.write(lambda session: records.reclassify(session, other, one.id, NONE, deed())))
    assert find() == [one.id]
    assert do(records.raw, one.id) == b"x"


WORDS = {
    "query": lambda text: tuple(record_words.of_query(text)),
    "subject": lambda text: tuple((one,) for one in record_words.of_subject(text)),
    "sender": lambda text: ((record_words.of_sender(text),),),
    "recipient": lambda text: ((record_words.of_recipient(text),),),
    "domain": lambda text: (record_words.of_domain(text),),
    "message_id": lambda text: ((record_words.of_message_id(text),),),
    "ip": lambda text: ((record_words.of_ip(text),),),
}
FOUND = [
    ("query", "JANE bulk.exam"), ("query", "invoice 4711"), ("query", "answers@reply.example"), ("query", "Bob"),
    ("query", "urg"), ("query", ""), ("query", "請求"), ("query", "strasse"), ("subject", "urgent INVOICE"),
    ("subject", "請求書"), ("sender", "Jane.Roe@Bulk.example"), ("sender", "bulk.example"),
    ("sender", "@sender.example"), ("sender", "<bounce@sender.example>"), ("recipient", "team@example.org"),
    ("recipient", "example.com"), ("domain", "bulk.example"),
    ("domain", "EXAMPLE.ORG"), ("message_id", "7.a%b@mail.example"), ("message_id", "<7.a%b@mail.example>"),
    ("ip", "192.0.2.7"), ("recipient", "eve@bücher.example"), ("domain", "XN--BCHER-KVA.example"),
]  # fmt: skip
NOT_FOUND = [
    ("query", "ane"), ("query", "jane nobody"), ("subject", "jane"), ("subject", "invoice nothing"),
    ("sender", "example"), ("sender", "jane@bulk.example"), ("sender", "example.com"), ("sender", "reply.example"),
    ("recipient", "bulk.example"), ("recipient", "xample.com"), ("domain", "mail.example"), ("domain", "example"),
    ("message_id", "7.a_b@mail.example"), ("ip", "192.0.2.70"), ("ip", "192.0.2"),
]  # fmt: skip


@pytest.mark.parametrize("way", ["sample", "index", "walk"])
def test_what_is_looked_for_is_found(kept, monkeypatch, way):
    """Whichever way it is looked for; and nothing else."""
    add, find, _ = kept
    sought = flagged(moment_us=NOON, verdict=verdict_of(message_id="<7.a%b@mail.example>"))
    sought = sought._replace(subject="Urgent: Invoice 4711 請求書 Straße", cc=(Party("", "Eve@Bücher.example"),))
    blank = Envelope("x@y.example", ("z@w.example",), "203.0.113.1")
    others = [
        flagged(moment_us=NOON + number, subject="Hello", author=Party("", ""), to=(), reply_to=Party("", ""))
        for number in range(1, 9)
    ]
    add(sought, *(one._replace(arrival=one.arrival._replace(envelope=blank)) for one in others))
    if way != "sample":
        monkeypatch.setattr(record_pages, "SAMPLE", 2)
    if way == "walk":
        monkeypatch.setattr(record_pages, "FEW", 0)
    for kind, text in FOUND:
        assert sought.id in find(needles=WORDS[kind](text)), (kind, text)
    for kind, text in NOT_FOUND:
        assert find(needles=WORDS[kind](text)) == [], (kind, text)


def test_filters_are_all_kept_to(kept):
    """Times with both ends, dispositions, actions, releases, an id; alone and together."""
    add, find, do = kept
    dispositions = [MALICIOUS_BEC, SPOOF, SUSPICIOUS, NONE]
    actions = ["tag", "quarantine", "reject"]
    many = [flagged(dispositions[n % 4], NOON + n * 1000, action=actions[n % 3]) for n in range(24)]
    add(*many)
    do(records.note_release, many[1].id, deed())

    def expected(fits):
        return [one.id for n, one in reversed(list(enumerate(many))) if fits(n, one)]

    assert find(flagged=True, most=99) == expected(lambda n, _: n % 4 != 3)
    assert find(label="MALICIOUS", most=99) == expected(lambda n, _: n % 4 == 0)
    assert find(label=NONE, flagged=True, most=99) == expected(lambda n, _: n % 4 == 3)
    assert find(actions=("quarantine", "reject"), most=99) == expected(lambda n, _: n % 3 in (1, 2))
    assert find(start=many[5].at, end=many[9].at, most=99) == expected(lambda n, _: 5 <= n <= 9)
    assert find(released=True) == [many[1].id]
    assert find(id=many[7].id) == [many[7].id]
    assert find(id=many[7].id, flagged=True) == []
    words = ((record_words.of_sender("bulk.example"),),)
    both = find(needles=words, label="SPOOF", start=many[8].at, actions=("tag",), most=99)
    assert both == expected(lambda n, _: n % 4 == 1 and n >= 8 and n % 3 == 0)


@pytest.mark.parametrize("words", ["", "invoice", "wanted"])
def test_every_record_stands_on_one_page(opened, account, kept, monkeypatch, words):
    """Forwards by cursors, back by cursors, and by numbers, also where moments are equal and others come in between."""
    run, database = opened
    add, _, _ = kept
    monkeypatch.setattr(record_pages, "SAMPLE", 7)
    chance = random.Random(7)
    many = [flagged(moment_us=NOON + chance.randrange(20)) for _ in range(60)]
    many = [one._replace(subject="Invoice wanted" if number % 3 == 0 else "Invoice") for number, one in enumerate(many)]
    add(*many)
    expected = sorted(((one.at, one.id) for one in many if words != "wanted" or "wanted" in one.subject), reverse=True)

    def read(cursor=None, **more):
        needles = tuple(record_words.of_query(words))
        return run(page(database, account, RecordQuery(needles=needles, cursor=cursor, most=8, **more)))

    def marks(one):
        return [(kept_one.record.at, kept_one.record.id) for kept_one in one.records]

    current = read()
    assert current.newer is None
    seen, pages = marks(current), [current]
    while current.older:
        add(flagged(moment_us=NOON + 1000 + len(seen), subject="Invoice wanted"))  # newer: no page moves
        current = read(current.older)
        seen += marks(current)
        pages.append(current)
    assert seen == expected
    for before, after in zip(reversed(pages[:-1]), reversed(pages[1:]), strict=True):
        assert marks(read(after.newer)) == marks(before)
        assert read(after.newer).older is not None
    numbered = [
        mark for number in range(9) for mark in marks(read(Cursor(to_rfc3339(NOON + 999), ""), offset=8 * number))
    ]
    assert numbered == expected


def test_a_cursor_that_leads_nowhere_gives_an_empty_page(kept):
    """Whatever text it is made of."""
    add, find, _ = kept
    add(flagged())
    assert find(cursor=Cursor("", "")) == []
    assert len(find(cursor=Cursor("cursor", "x%'\"\N{BLACK HEART SUIT}"))) == 1


def test_old_records_go(kept):
    """By age first, then the oldest of too many, a step at a time, with everything that belongs to them."""
    add, find, do = kept
    many = [flagged(moment_us=NOON + number, raw=b"x") for number in range(20)]
    add(*many)
    do(records.note_release, many[0].id, deed())
    assert do(records.prune, many[5].at, 100) == 5
    assert find(most=99) == [one.id for one in many[:4:-1]]
    assert do(records.prune, "", 10) == 5
    assert find(most=99) == [one.id for one in many[:9:-1]]
    assert do(records.prune, "", 10) == 0
    assert do(records.raw, many[0].id) is None
    assert do(records.done_with, [many[0].id]) == {}
    assert find(needles=((record_words.of_sender("bulk.example"),),), most=99) == find(most=99)
    add(many[0])
    assert do(records.prune, to_rfc3339(NOON + 10**6), 0) == 11
    assert find() == []


def test_pruning_goes_step_by_step(kept, monkeypatch):
    """No write is long, however much is too old."""
    monkeypatch.setattr(records, "STEP", 4)
    add, find, do = kept
    add(*(flagged(moment_us=NOON + number) for number in range(10)))
    assert [do(records.prune, "9", 100) for _ in range(4)] == [4, 4, 2, 0]
    assert find() == []


def test_what_people_did_is_remembered(opened, account, kept):
    """With the record and in the audit; the verdict stays, and the account's revision too."""
    run, database = opened
    add, find, do = kept
    one = flagged()
    add(one)
    before = run(accounts.counts(database.reader, account)).revision
    assert do(records.reclassify, one.id, NONE, deed())
    do(records.note_release, one.id, deed())
    read = do(records.read, one.id)
    assert (read.disposition, read.record.verdict.disposition) == (NONE, MALICIOUS_BEC)
    assert [(done.operation, done.actor, done.detail) for done in read.done] == [
        (records.RECLASSIFY, "test", {"before": MALICIOUS_BEC, "after": NONE}),
        (records.RELEASE, "test", {}),
    ]
    assert find(flagged=True) == []
    assert find(label=NONE) == [one.id]
    actions = [line.action for line in run(audit.read(database.reader, account))][:2]
    assert actions == ["record.release", "record.reclassify"]
    assert run(accounts.counts(database.reader, account)).revision == before
    assert not do(records.reclassify, "nobody", NONE, deed())


def test_a_batch_is_written_fast(kept):
    """500 records within half a second, on a machine that has other things to do."""
    add, find, _ = kept
    many = [flagged() for _ in range(500)]
    started = time.perf_counter()
    add(*many)
    assert time.perf_counter() - started < 0.5
    assert len(find(most=1000)) == 500


@pytest.mark.parametrize("seed", range(3))
def test_every_way_finds_the_same(kept, monkeypatch, seed):
    """What the text of a record holds, whatever the words are: in the sample, by the index, and by walking."""
    add, find, _ = kept
    chance = random.Random(seed)
    letters = ["a", "b", "é", "ß", "張", "1", "_", "'", "%", "\u200b", "\N{GRINNING FACE}"]

    def words(most):
        return " ".join(
            "".join(chance.choices(letters, k=chance.randrange(1, 3))) for _ in range(chance.randrange(most))
        )

    def address():
        return f"{chance.choice(letters)}@{chance.choice('ab')}.example"

    many = [
        flagged(subject=words(4), author=Party(words(3), address()), to=(Party("", address()),), reply_to=Party("", ""))
        for _ in range(60)
    ]
    add(*many)
    texts = {one.id: record_words.search_text(one) for one in many}
    found = 0
    for _ in range(40):
        needles = (
            *record_words.of_query(words(3)),
            *((one,) for one in record_words.of_subject(words(2))),
            *((record_words.of_sender(address()),) for _ in range(chance.randrange(4) // 3)),
            *(record_words.of_domain(address()) for _ in range(chance.randrange(4) // 3)),
        )
        expected = {name for name, text in texts.items() if all(any(n in text for n in some) for some in needles)}
        found += 0 < len(expected) < len(many)
        for sample, few in ((1000, 3000), (2, 3000), (2, 0)):
            monkeypatch.setattr(record_pages, "SAMPLE", sample)
            monkeypatch.setattr(record_pages, "FEW", few)
            assert set(find(needles=needles, most=100)) == expected, (needles, sample, few)
    assert found >= 10, "hardly anything was looked for that is there"


class _Recording:
    """Remembers the statements that read."""

    dialect = "sqlite"

    def __init__(self, session):
        self._session = session
        self.statements = []

    async def fetch(self, sql, *values):
        self.statements.append((sql, values))
        return await self._session.fetch(sql, *values)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (RecordQuery(), "records_by_time (account_no=?)"),
        (RecordQuery(start="1", end="2", flagged=True), "records_by_time (account_no=? AND at>? AND at<?)"),
        (RecordQuery(label="SPOOF", cursor=Cursor("1", "2")), "records_by_label (account_no=? AND label=? AND "),
        (RecordQuery(id="x"), "records_by_id (account_no=? AND id=?)"),
        (RecordQuery(needles=((record_words.of_sender("a@b.example"),),)), "records USING INTEGER PRIMARY KEY"),
    ],
    ids=["newest", "range", "label", "id", "sender"],
)
def test_nothing_is_walked_through_to_find_a_page(tmp_path, query, index):
    """The embedded database has no statistics, and takes the index that gives the order all the same."""

    async def plan(database):
        recording = _Recording(database.reader)
        await record_pages._rows(recording, await new_account(database), query)
        sql, values = recording.statements[-1]
        return [row[-1] for row in await database.reader.fetch(f"EXPLAIN QUERY PLAN {sql}", *values)]

    assert index in "\n".join(Storage(tmp_path).run(plan))
