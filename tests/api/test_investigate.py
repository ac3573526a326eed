"""Recorded messages on the wire: found, read, released, reclassified; what cannot be done is refused with a reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from sosie.detection.record import Record
from sosie.detection.verdict import MALICIOUS_BEC, NONE, SPOOF, SUSPICIOUS, Exemption
from sosie.registry.moments import now_us
from sosie.store import accounts, records
from support.flagged import HEADER, REASON, flagged, verdict_of

from .account import Account, errors, pointers
from .conftest import open_account

NOWHERE = "f174e90a-fafe-4643-bbbc-4a0ed4fc8415"
DAY = 86_400_000_000


@dataclass
class Investigated:
    """The recorded messages of one account; `server` is where they are kept."""

    account: Account
    server: Any

    @property
    def path(self) -> str:
        return f"/accounts/{self.account.tenant.account_id}/email-security/investigate"

    def keep(self, *many: Record) -> Sequence[str]:
        """Their ids."""

        async def work(database):
            no = (await accounts.look_up(database.reader, self.account.tenant.account_id)).no
            await database.write(lambda session: records.add(session, no, many))

        self.server.storage.run(work)
        return [one.id for one in many]

    def get(self, path: str = "", **parameters: Any) -> httpx.Response:
        return self.account.client.get(f"{self.path}{path}", params=parameters)

    def result(self, path: str = "", **parameters: Any) -> Any:
        answer = self.get(path, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()["result"]

    def ids(self, **parameters: Any) -> list[str]:
        return [one["id"] for one in self.result(**parameters)]

    def post(self, path: str, body: Any) -> httpx.Response:
        return self.account.client.post(f"{self.path}{path}", json=body)


@pytest.fixture
def mail(account, served) -> Investigated:
    return Investigated(account, served)


def test_a_message_has_every_field(mail):
    """What the header and the envelope say, what was found, and null for what nobody knows."""
    record = flagged(action="quarantine")
    mail.keep(record)
    (listed,) = mail.result()
    got = mail.result(f"/{record.id}")
    assert got == listed | {"x_originating_ip": "198.51.100.9"}
    assert got["detection_reasons"] == [REASON]
    assert (got["from"], got["from_name"]) == ("jane.roe@bulk.example", "Jane Roe")
    assert (got["to"], got["to_name"]) == (["bob@example.com"], ["Bob"])
    assert got["envelope_to"] == got["client_recipients"] == ["bob@example.com", "team@example.org"]
    assert got["alert_id"] == got["id"]
    assert got["postfix_id"] == record.arrival.queue_id
    assert (got["is_quarantined"], got["delivery_status"]) == (True, ["quarantined"])
    assert got["validation"] == {"comment": None, "dkim": "none", "dmarc": "fail", "spf": "pass"}
    assert got["scanned_at"] == got["ts"] == record.at
    assert (got["final_disposition"], got["threat_categories"]) == (MALICIOUS_BEC, ["BEC"])
    assert got["findings"][0]["name"] == "author_name"
    assert {name for name, value in got.items() if value is None} == {
        "edf_hash", "htmltext_structure_hash", "postfix_id_outbound",
    }  # fmt: skip


def test_a_message_without_anything_is_shown_too(mail):
    """No envelope, no address, no finding: the shape is the same."""
    bare = flagged(NONE, subject="", author=flagged().author._replace(name="", address=""), to=(), header=(), date="")
    bare = bare._replace(
        arrival=bare.arrival._replace(envelope=type(bare.arrival.envelope)(), queue_id="", door="scan")
    )
    mail.keep(bare)
    (got,) = mail.result(detections_only="false")
    assert got["alert_id"] is got["from"] is got["subject"] is got["sent_at"] is got["envelope_from"] is None
    assert (got["postfix_id"], got["delivery_mode"]) == (bare.id, "RETRO_SCAN")
    assert (got["findings"], got["detection_reasons"], got["threat_categories"]) == ([], [], [])
    assert mail.result(f"/{bare.id}/detections")["sender_info"]["pld"] is None


def test_five_words_for_what_authentication_said(mail):
    """Other results of RFC 8601 are told in the comment."""
    record = flagged(spf="softfail", dkim="temperror", dmarc="none")
    mail.keep(record)
    got = mail.result(f"/{record.id}/detections")["validation"]
    assert got == {"comment": "dkim=temperror, spf=softfail", "dkim": "error", "dmarc": "none", "spf": "fail"}


def test_an_exemption_is_a_pattern_that_allows(mail):
    """With the type that the wire has for it."""
    allowed = verdict_of(NONE, exemptions=(Exemption("trusted sender", "news@example.com is trusted"),))
    (identifier,) = mail.keep(flagged(NONE, verdict=allowed))
    got = mail.result(f"/{identifier}")["properties"]
    assert (got["allowlisted_pattern"], got["allowlisted_pattern_type"]) == (
        "news@example.com is trusted",
        "allowed_sender",
    )


def test_detections_show_what_a_person_decides_by(mail):
    """Findings whole, the header, the sender, and what was done."""
    record = flagged()
    mail.keep(record)
    got = mail.result(f"/{record.id}/detections")
    assert (got["action"], got["final_disposition"]) == ("tag", MALICIOUS_BEC)
    assert got["findings"] == [{"attachment": None, **record.verdict.findings[0]._asdict()}]
    assert got["headers"] == [{"name": name, "value": value} for name, value in HEADER]
    assert (got["sender_info"]["ip"], got["sender_info"]["pld"]) == ("192.0.2.7", "bulk.example")
    assert (got["attachments"], got["links"]) == ([], [])


def test_the_trace_is_the_way_of_the_message(mail):
    """Received fields, the oldest first, the verdict, and what people did."""
    (identifier,) = mail.keep(flagged())
    mail.post(f"/{identifier}/reclassify", {"expected_disposition": "NONE"})
    lines = mail.result(f"/{identifier}/trace")["inbound"]["lines"]
    assert [line["lineno"] for line in lines] == [1, 2, 3]
    assert lines[0]["logged_at"] == "2025-04-10T18:27:34Z"
    assert lines[0]["message"].startswith("Received: from mx.bulk.example")
    assert lines[1]["message"] == "MALICIOUS-BEC: tag"
    assert lines[2]["message"].startswith("RECLASSIFY by token:")


@pytest.fixture(scope="module")
def several(served):
    """Messages of every disposition, by name."""
    with open_account(served) as account:
        mail = Investigated(account, served)
        now = now_us()
        made = {
            "bec": flagged(moment_us=now - 1 * DAY, subject="Wire transfer today"),
            "spoof": flagged(SPOOF, now - 2 * DAY, action="reject"),
            "suspicious": flagged(SUSPICIOUS, now - 3 * DAY, action="quarantine"),
            "none": flagged(NONE, now - 4 * DAY, action="accept"),
            "old": flagged(moment_us=now - 40 * DAY),
            "late": flagged(moment_us=now - 5 * DAY, action="tempfail"),
        }
        mail.keep(*made.values())
        yield mail, made


FILTERS = [
    ({}, ["bec", "spoof", "suspicious", "late"]),
    ({"detections_only": "false"}, ["bec", "spoof", "suspicious", "none", "late"]),
    ({"start": "2000-01-01T00:00:00Z"}, ["bec", "spoof", "suspicious", "late", "old"]),
    ({"start": "2000-01-01T00:00:00+02:00", "end": "{suspicious}"}, ["suspicious", "late", "old"]),
    ({"start": "{spoof}", "end": "{spoof}"}, ["spoof"]),
    ({"start": "2999-01-01T00:00:00.5Z"}, []),
    ({"final_disposition": "MALICIOUS"}, ["bec", "late"]),
    ({"final_disposition": "spoof"}, ["spoof"]),
    ({"final_disposition": "NONE"}, ["none"]),
    ({"final_disposition": "SPAM"}, []),
    ({"delivery_status": "delivered"}, ["bec"]),
    ({"delivery_status": "delivered", "detections_only": "false"}, ["bec", "none"]),
    ({"delivery_status": "quarantined"}, ["suspicious"]),
    ({"delivery_status": "rejected"}, ["spoof"]),
    ({"delivery_status": "deferred"}, ["late"]),
    ({"delivery_status": "bounced"}, []),
    ({"message_action": "MOVED"}, []),
    ({"message_action": "QUARANTINE_RELEASED"}, []),
    ({"alert_id": "{bec.id}"}, ["bec"]),
    ({"message_id": "{bec.message_id}"}, ["bec"]),
    ({"sender": "bulk.example", "subject": "transfer WIRE"}, ["bec"]),
    ({"recipient": "bob@example.com", "domain": "example.org", "query": "jane wire"}, ["bec"]),
    ({"query": " ", "subject": "\N{MONEY BAG} WIRE"}, ["bec"]),
    ({"smtp_helo_ip": "192.0.2.7", "sender": "nobody@bulk.example"}, []),
    ({"smtp_helo_ip": "::ffff:192.0.2.7"}, ["bec", "spoof", "suspicious", "late"]),
    ({"metric": "x", "cursor": "cursor", "page": "1"}, ["bec", "spoof", "suspicious", "late"]),
]


@pytest.mark.parametrize(("parameters", "expected"), FILTERS, ids=lambda value: str(value)[:50])
def test_messages_are_filtered(several, parameters, expected):
    """By everything that the real service filters by."""
    mail, made = several
    names = {f"{{{name}}}": one.at for name, one in made.items()}
    names |= {f"{{{name}.id}}": one.id for name, one in made.items()}
    names |= {f"{{{name}.message_id}}": one.verdict.message_id for name, one in made.items()}
    asked = {name: names.get(value, value) for name, value in parameters.items()}
    assert mail.ids(**asked) == [made[name].id for name in expected]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({"start": "yesterday"}, ["/query/start"]),
        ({"start": "2026-01-01T00:00:00", "end": "2026-13-01T00:00:00Z"}, ["/query/start", "/query/end"]),
        ({"final_disposition": "GOOD", "per_page": 1001}, ["/query/final_disposition", "/query/per_page"]),
        ({"query": "x\0"}, ["/query/query"]),
        ({"query": "*", "subject": "\N{MONEY BAG} !"}, ["/query/query", "/query/subject"]),  # it would find everything
        ({"cursor": "x" * 500, "page": 0}, ["/query/cursor", "/query/page"]),
    ],
)
def test_what_cannot_be_asked_for_is_named(mail, parameters, expected):
    """Every parameter that breaks a rule."""
    assert pointers(mail.get(**parameters)) == expected


def test_cursors_lead_forwards_and_back(mail):
    """The first page has no page before it, the last none after it; every message is on one page."""
    now = now_us()
    ids = mail.keep(*(flagged(moment_us=now - number * 1000) for number in range(7)))
    pages = [mail.get(per_page=3).json()]
    assert pages[0]["result_info"]["previous"] is None
    while pages[-1]["result_info"]["next"]:
        pages.append(mail.get(per_page=3, cursor=pages[-1]["result_info"]["next"]).json())
    assert [one["id"] for page in pages for one in page["result"]] == ids
    assert [page["result_info"]["count"] for page in pages] == [3, 3, 1]
    back = mail.get(per_page=3, cursor=pages[2]["result_info"]["previous"]).json()
    assert back["result"] == pages[1]["result"]
    assert mail.get(per_page=3, cursor=back["result_info"]["previous"]).json()["result"] == pages[0]["result"]
    assert mail.ids(per_page=3, page=2) == ids[3:6]
    assert mail.ids(per_page=2, page=2, cursor=pages[0]["result_info"]["next"]) == ids[5:7]
    assert mail.ids(page=9) == []


def test_one_account_never_sees_anothers(mail, served):
    """Neither in a list nor by an id; and what is done to it is not done."""
    (identifier,) = mail.keep(flagged(raw=b"From: x"))
    with open_account(served) as account:
        other = Investigated(account, served)
        assert other.ids(detections_only="false") == []
        assert other.ids(alert_id=identifier) == []
        for path in ("", "/detections", "/raw", "/trace", "/action_log", "/preview"):
            assert (other.get(f"/{identifier}{path}").status_code, path) == (404, path)
        assert other.post(f"/{identifier}/reclassify", {"expected_disposition": "NONE"}).status_code == 404
        assert other.post("/release", [identifier]).json()["result"][0]["failed"] == [identifier]
        stolen = account.client.get(f"{mail.path}/{identifier}")
        assert (stolen.status_code, errors(stolen)) == (403, [(10000, None)])
    assert mail.result(f"/{identifier}/action_log") == []


def test_reading_is_allowed_to_readers_and_writing_is_not(mail):
    """The Read token lists and reads; releases and reclassifications need Write."""
    (identifier,) = mail.keep(flagged())
    reader = {"Authorization": f"Bearer {mail.account.tenant.read_token}"}
    client = mail.account.client
    for path in ("", f"/{identifier}", f"/{identifier}/detections", "/bulk"):
        assert client.get(mail.path + path, headers=reader).status_code == 200
    for path in ("/release", "/move", "/preview", "/bulk", f"/{identifier}/reclassify", f"/{identifier}/move"):
        assert client.post(mail.path + path, json={}, headers=reader).status_code == 403


def test_a_false_positive_is_remembered(mail):
    """Another disposition holds, what was found stays beside it, and the action log says who asked for it."""
    (identifier,) = mail.keep(flagged())
    answer = mail.post(f"/{identifier}/reclassify", {"expected_disposition": "NONE", "eml_content": "x"})
    assert (answer.status_code, answer.json()["result"]) == (202, {})
    got = mail.result(f"/{identifier}")
    assert (got["final_disposition"], got["alert_id"]) == ("NONE", identifier)
    assert got["findings"][0]["detection"] == MALICIOUS_BEC
    assert got["action_log"][0]["operation"] == "RECLASSIFY"
    assert got["post_delivery_operations"] == ["SUBMISSION"]
    assert mail.ids() == []
    assert mail.ids(final_disposition="NONE") == [identifier]
    (line,) = mail.result(f"/{identifier}/action_log")
    assert (line["operation"], line["properties"]["requested_disposition"]) == ("SUBMISSION", "NONE")
    assert line["properties"]["requested_by"].startswith("token:")


@pytest.mark.parametrize("body", [{}, {"expected_disposition": "GOOD"}, {"expected_disposition": None}, [], "NONE"])
def test_a_reclassification_says_as_what(mail, body):
    """One of the six."""
    (identifier,) = mail.keep(flagged())
    assert mail.post(f"/{identifier}/reclassify", body).status_code == 400
    assert mail.result(f"/{identifier}")["final_disposition"] == MALICIOUS_BEC


@pytest.mark.parametrize("wrap", [lambda ids: ids, lambda ids: {"ids": ids}], ids=["array", "object"])
def test_a_release_says_for_each_what_happened(mail, wrap):
    """What was put aside waits in the mail server's queue, and the command is told; nobody is promised a delivery."""
    held, tagged = flagged(action="quarantine"), flagged()
    ids = [*mail.keep(held, tagged), NOWHERE]
    answer = mail.post("/release", wrap(ids)).json()
    first, second, third = answer["result"]
    assert [one["id"] for one in answer["result"]] == ids
    assert first["undelivered"] == second["delivered"] == ["bob@example.com", "team@example.org"]
    assert third["failed"] == [NOWHERE]
    assert f"`postsuper -H {held.arrival.queue_id}`" in answer["messages"][0]["message"]
    (line,) = mail.result(f"/{held.id}/action_log")
    assert (line["operation"], line["status"], line["success"]) == ("QUARANTINE_RELEASE", "REQUESTED", False)
    assert mail.result(f"/{tagged.id}/action_log") == []
    assert mail.ids(message_action="QUARANTINE_RELEASED") == [held.id]


@pytest.mark.parametrize(("action", "became"), [("accept", "delivered"), ("tag", "delivered"), ("reject", "failed"),
                                              ("tempfail", "failed")])  # fmt: skip
def test_a_release_of_what_was_not_put_aside_says_what_became_of_it(mail, action, became):
    """Nobody is told that a message was delivered which was refused."""
    (told,) = mail.post("/release", mail.keep(flagged(action=action))).json()["result"]
    lists = {"delivered": [], "failed": [], "undelivered": []}
    assert {name: told[name] for name in lists} == {**lists, became: ["bob@example.com", "team@example.org"]}


def test_a_reclassification_may_bring_the_message_along(mail):
    """With its attachments, as far as 16 MiB reach."""
    (identifier,) = mail.keep(flagged())
    body = {"expected_disposition": "SPAM", "eml_content": "A" * (15 << 20)}
    assert mail.post(f"/{identifier}/reclassify", body).status_code == 202
    assert mail.result(f"/{identifier}")["final_disposition"] == "SPAM"
    assert mail.post(f"/{identifier}/reclassify", body | {"eml_content": "A" * (16 << 20)}).status_code == 413


def test_a_release_tells_nobody_to_type_what_a_client_wrote(mail):
    """Whoever asks over HTTP says what the mail server calls the message: only what may be such a name is repeated."""
    held = flagged(action="quarantine")
    held = held._replace(arrival=held.arrival._replace(queue_id="4Q`; reboot"))
    (message,) = mail.post("/release", mail.keep(held)).json()["messages"]
    assert "reboot" not in message["message"]


@pytest.mark.parametrize("body", [{}, {"ids": "x"}, [1], None, ["x"] * 1001])
def test_a_release_names_ids(mail, body):
    """At most a thousand."""
    assert mail.post("/release", body).status_code == 400


def test_the_message_itself_where_it_is_kept(mail):
    """As text; where it is not kept, the reason is told."""
    kept, bare = mail.keep(flagged(raw=b"From: Jane\r\n\r\nGr\xc3\xbc\xdfe"), flagged())
    assert mail.result(f"/{kept}/raw") == {"raw": "From: Jane\r\n\r\nGrü�e"}
    answer = mail.get(f"/{bare}/raw")
    assert (answer.status_code, errors(answer)) == (404, [(1010, None)])
    assert "SOSIE_RECORD_RAW" in answer.text


def test_what_is_not_done_is_refused_with_the_reason(mail):
    """Moves, pictures and jobs, for messages that are there."""
    (identifier,) = mail.keep(flagged())
    move = {"destination": "Inbox", "ids": [identifier]}
    for path in (f"/{identifier}/move", "/move"):
        answer = mail.post(path, move)
        assert (answer.status_code, errors(answer)) == (400, [(1011, None)])
        assert "integration" in answer.text
    assert mail.post("/bulk", {"action": "MOVE", "search_params": {}}).status_code == 400
    assert errors(mail.post("/preview", {"id": identifier})) == [(1010, None)]
    assert errors(mail.post("/preview", {"postfix_id": identifier})) == [(1010, None)]
    assert pointers(mail.post("/preview", {})) == ["/id"]
    assert errors(mail.get(f"/{identifier}/preview")) == [(1010, None)]
    listed = mail.get("/bulk", per_page=5).json()
    assert listed["result"] == []
    assert listed["result_info"] == {"count": 0, "page": 1, "per_page": 5, "total_count": 0, "total_pages": 0}
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("GET", "/messages")):
        answer = mail.account.client.request(method, f"{mail.path}/bulk/{NOWHERE}{path}")
        assert (answer.status_code, errors(answer)) == (404, [(1012, None)])


@pytest.mark.parametrize("identifier", ["x", "x" * 5000, "%00", "%F0%9F%92%A9", "..%2f", NOWHERE])
def test_what_is_not_there_is_404(mail, identifier):
    """Whatever is asked of it."""
    for path in ("", "/detections", "/raw", "/trace", "/action_log", "/preview"):
        assert mail.get(f"/{identifier}{path}").status_code == 404
    for path, body in (("/move", {"destination": "Inbox"}), ("/reclassify", {"expected_disposition": "NONE"})):
        assert mail.post(f"/{identifier}{path}", body).status_code == 404


def test_submissions_are_not_kept_apart(mail):
    """So a message is found whether it is asked for as one or not; anything but yes or no is refused."""
    (identifier,) = mail.keep(flagged())
    assert mail.result(f"/{identifier}", submission="true") == mail.result(f"/{identifier}", submission="false")
    assert pointers(mail.get(f"/{identifier}", submission="x")) == ["/query/submission"]
