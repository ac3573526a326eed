"""Judging messages over HTTP, on both databases."""

from __future__ import annotations

import gzip
import json
import time

import httpx
import pytest

from .account import pointers

FORGED = b"From: Jane Roe <jr@gmail.example>\r\nTo: Ann <ann@example.com>\r\nMessage-ID: <1@x.example>\r\n\r\nHello\r\n"
HONEST = b"From: Jane Roe <jane@example.com>\r\nTo: Ann <ann@example.com>\r\n\r\nHello\r\n"
REASON = "Protected Name Jane Roe should not appear as jr@gmail.example"


@pytest.fixture
def path(account) -> str:
    answer = account.client.post(
        account.path, json={"name": "Jane Roe", "email": "jane@example.com", "is_email_regex": False}
    )
    assert answer.status_code == 201
    return f"/accounts/{account.tenant.account_id}/email-security/screen"


def judged(answer: httpx.Response):
    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert document["success"] is True
    return document["result"]


def raw(account, path, message: bytes, **query):
    return account.client.post(path, content=message, params=query, headers={"content-type": "message/rfc822"})


def until_flagged(account, path):
    """The verdict, once the entry that was just written is in force."""
    for _ in range(100):
        verdict = judged(raw(account, path, FORGED))
        if verdict["findings"]:
            return verdict
        time.sleep(0.02)
    raise AssertionError("the entry is not in force")


def test_a_message_is_judged_as_it_stands(account, path):
    """The verdict is that of the command line, with what is to be done; one that is honest has no finding."""
    verdict = until_flagged(account, path)
    assert verdict["disposition"] == "SUSPICIOUS"
    assert verdict["findings"][0]["reason"] == REASON
    assert (verdict["action"], verdict["message_id"], verdict["record_id"]) == ("tag", "<1@x.example>", None)
    honest = judged(raw(account, path, HONEST))
    assert (honest["disposition"], honest["action"], honest["findings"]) == ("NONE", "accept", [])


def test_json_says_the_same(account, path):
    """A message as text, or its fields, with an envelope: the same verdict."""
    flagged = until_flagged(account, path)
    headers = [
        {"name": "From", "value": "Jane Roe <jr@gmail.example>"},
        {"name": "Message-ID", "value": "<1@x.example>"},
    ]
    envelope = {"mail_from": "jr@gmail.example", "rcpt_to": ["ann@example.com"], "ip": "192.0.2.1"}
    for body in ({"message": FORGED.decode()}, {"headers": headers, "envelope": envelope}):
        assert judged(account.client.post(path, json=body)) == flagged


@pytest.mark.parametrize(
    "kind", ["application/x-www-form-urlencoded", "application/vnd.letters+json", "text/plain", None]
)
def test_json_is_json_whatever_it_is_said_to_be(account, path, kind):
    """As everywhere in this API: `curl -d` says that it is a form, and no flagged message is harmless for that."""
    flagged = until_flagged(account, path)
    headers = {} if kind is None else {"content-type": kind}
    for body in ({"message": FORGED.decode()}, {"message": FORGED.decode(), "envelope": {"ip": "192.0.2.1"}}):
        assert judged(account.client.post(path, content=json.dumps(body), headers=headers)) == flagged
    assert pointers(account.client.post(path, content=b'{"record": 5}', headers=headers)) == ["/message", "/record"]


def test_a_message_that_begins_as_json_is_a_message(account, path):
    """Nobody hides behind an odd field."""
    until_flagged(account, path)
    for begins in (b"{a: b\r\n", b'{"a": 1}\r\n', b'{"a":\r\n'):
        assert judged(account.client.post(path, content=begins + FORGED))["findings"]


def test_what_a_message_is_wrapped_in_is_not_judged(account, path):
    """A form, or a body that is compressed, would be a message of nobody: harmless."""
    wrapped = [
        account.client.post(path, files={"file": ("letter.eml", FORGED, "message/rfc822")}),
        account.client.post(path, content=gzip.compress(FORGED), headers={"content-encoding": "gzip"}),
        account.client.post(path, content=b"a: b\r\n\x1f\x8b", headers={"content-encoding": "gzip"}),
        asking_as_rspamd(account, b"a: b\r\n(\xb5/", [("compression", "zstd")]),
    ]
    assert [answer.status_code for answer in wrapped] == [400] * 4
    assert [answer.json()["errors"][0]["code"] for answer in wrapped] == [1016] * 4
    until_flagged(account, path)
    plain = {"content-encoding": "Identity", "content-type": "message/rfc822"}
    assert judged(account.client.post(path, content=FORGED, headers=plain))["findings"]


def test_an_envelope_counts(account, path):
    """An allow policy for a recipient exempts by the envelope, in the query as in JSON."""
    until_flagged(account, path)
    policy = {"pattern": "lab@example.com", "pattern_type": "EMAIL", "is_regex": False, "is_acceptable_sender": False,
              "is_exempt_recipient": True, "is_trusted_sender": False, "verify_sender": False}  # fmt: skip
    settings = path.replace("/screen", "/settings/allow_policies")
    assert account.client.post(settings, json=policy).status_code == 201
    for _ in range(100):
        if judged(raw(account, path, FORGED, rcpt_to="lab@example.com"))["disposition"] == "NONE":
            break
        time.sleep(0.02)
    in_json = {"message": FORGED.decode(), "envelope": {"rcpt_to": [" <lab@example.com>"]}}
    exempt = judged(raw(account, path, FORGED, rcpt_to="lab@example.com"))
    for answer in (raw(account, path, FORGED, rcpt_to="<lab@example.com>"), account.client.post(path, json=in_json)):
        assert judged(answer) == exempt
    assert (exempt["disposition"], exempt["exemptions"][0]["name"]) == ("NONE", "exempt recipient")
    assert judged(raw(account, path, FORGED, rcpt_to="ann@example.com"))["findings"]


def test_a_message_may_have_a_thousand_recipients(account, path):
    """Mail servers take as many (Postfix: smtpd_recipient_limit), and each may be what an exemption goes by."""
    flagged = until_flagged(account, path)
    assert judged(raw(account, path, FORGED, rcpt_to=[f"a{number}@example.com" for number in range(1000)])) == flagged


def test_many_are_judged_at_once(account, path):
    """As many verdicts as messages, in their order; what is no message has an error in its place."""
    until_flagged(account, path)
    messages = [{"message": FORGED.decode()}, {"message": HONEST.decode()}, {"message": "no header"}]
    found = judged(account.client.post(f"{path}/batch", json={"messages": messages}))
    assert [one.get("disposition") for one in found] == ["SUSPICIOUS", "NONE", None]
    assert "no header field" in found[2]["error"]


def test_bad_requests_are_told_field_by_field(account, path):
    """What is no message, and JSON that says nothing, or too much."""
    answer = raw(account, path, b"nothing that is a header")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, 1016)
    post = lambda body, where=path: account.client.post(where, json=body)  # noqa: E731
    assert pointers(post({})) == ["/message"]
    assert pointers(post({"message": "x", "headers": []})) == ["/message"]
    assert pointers(post({"message": 5, "record": 1})) == ["/message", "/record"]
    assert pointers(post({"headers": [{"name": "Fr om", "value": "x"}, {"name": "To", "value": "x\r\nFrom: y"}]})) == [
        "/headers/0/name",
        "/headers/1/value",
    ]
    assert pointers(post({"message": "a: b", "envelope": {"ip": 5, "rcpt_to": [1]}})) == [
        "/envelope/rcpt_to",
        "/envelope/ip",
    ]
    assert pointers(post({"message": "a: b", "envelope": {"ip": "192.0.2.256"}})) == ["/envelope/ip"]
    assert pointers(raw(account, path, b"From: a@b.example", ip="mail.example")) == ["/query/ip"]
    assert pointers(post({"messages": []}, f"{path}/batch")) == ["/messages"]
    many = [5, {"message": "a: b"}, {"message": 5, "record": 1}, {"headers": [{}]}]
    wrong = ["/messages/0", "/messages/2/message", "/messages/2/record", "/messages/3/headers/0/name"]
    assert pointers(post({"messages": many}, f"{path}/batch")) == wrong
    answer = post({"messages": [{"headers": [0] * 2000}] * 1000}, f"{path}/batch")
    assert len(pointers(answer)) == 2000  # and no two million
    assert raw(account, path, b"a" * (129 << 20)).status_code == 413


def test_the_rest_of_a_large_message_is_let_pass(account, path):
    """Megabytes of body make no difference."""
    until_flagged(account, path)
    assert judged(raw(account, path, FORGED + b"x" * (5 << 20)))["findings"]


def test_reading_is_enough_to_ask_and_not_to_record(account, path):
    """`record` needs Write; another account's token gets nothing."""
    reader = {"authorization": f"Bearer {account.tenant.read_token}"}
    content = {"content": FORGED, "headers": reader | {"content-type": "message/rfc822"}}
    assert account.client.post(path, **content).status_code == 200
    assert account.client.post(path, params={"record": "true"}, **content).status_code == 403
    assert raw(account, path.replace(account.tenant.account_id, "f" * 32), FORGED).status_code == 403


def test_judging_is_not_limited_as_other_requests_are(account, path):
    """No answer tells of a rate limit."""
    assert "ratelimit" not in raw(account, path, HONEST).headers


def test_a_client_of_rspamd_is_answered_in_its_way(account, path):
    """/checkv2 with the token as Password: score, action and symbols, without our envelope."""
    until_flagged(account, path)
    headers = {
        "password": account.tenant.write_token,
        "from": "jr@gmail.example",
        "rcpt": "ann@example.com",
        "ip": "192.0.2.1",
    }
    base = str(account.client.base_url).removesuffix("/client/v4/").removesuffix("/client/v4")
    answer = httpx.post(f"{base}/checkv2", content=FORGED, headers=headers)
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["action"], told["required_score"], told["message-id"]) == ("add header", 15.0, "1@x.example")
    assert told["symbols"]["SOSIE_AUTHOR_NAME"]["description"] == REASON
    ours = httpx.post(f"{base}/checkv2", content=FORGED, headers=headers | {"user": "ann"})
    assert ours.json()["is_skipped"] is True
    assert httpx.post(f"{base}/checkv2", content=FORGED, headers={"password": "no"}).status_code == 403


def test_a_client_of_rspamd_gets_no_points_for_what_does_not_count(account, path):
    """What is exempted is told with nothing to add: whoever goes by the score does as whoever goes by the action."""
    until_flagged(account, path)
    policy = {"pattern": "gmail.example", "pattern_type": "DOMAIN", "is_regex": False, "is_acceptable_sender": False,
              "is_exempt_recipient": False, "is_trusted_sender": True, "verify_sender": False}  # fmt: skip
    settings = path.replace("/screen", "/settings/allow_policies")
    assert account.client.post(settings, json=policy).status_code == 201
    for _ in range(100):
        told = asked_as_rspamd(account, FORGED)
        if told["action"] == "no action":
            break
        time.sleep(0.02)
    assert (told["action"], told["score"], told["messages"]) == ("no action", 0.0, {"disposition": "NONE"})
    symbol = told["symbols"]["SOSIE_AUTHOR_NAME"]
    assert (symbol["score"], symbol["metric_score"], symbol["description"]) == (0.0, 0.0, REASON)


@pytest.mark.parametrize(
    "recipients",
    [
        [("rcpt", "lab@example.com"), ("rcpt", "läb@exämple.example".encode())],
        [("rcpt", "<lab@example.com>, l%C3%A4b@xn--exmple-cua.example")],
        [("rcpt", b"<lab@example.com>,<l\xc3\xa4b@ex\xc3\xa4mple.example>")],
    ],
    ids=["many", "percent-encoded", "joined"],
)
def test_a_client_of_rspamd_names_recipients_in_every_way(account, path, recipients):
    """In a header for each, or in one with commas between; in UTF-8 or percent-encoded. All of them are exempt here."""
    until_flagged(account, path)
    for pattern in ("lab@example.com", "läb@exämple.example"):
        policy = {"pattern": pattern, "pattern_type": "EMAIL", "is_regex": False, "is_acceptable_sender": False,
                  "is_exempt_recipient": True, "is_trusted_sender": False, "verify_sender": False}  # fmt: skip
        settings = path.replace("/screen", "/settings/allow_policies")
        assert account.client.post(settings, json=policy).status_code == 201
    for _ in range(50):
        told = asked_as_rspamd(account, FORGED, recipients)
        if told["action"] == "no action":
            break
        time.sleep(0.02)
    assert told["action"] == "no action"
    assert asked_as_rspamd(account, FORGED, [*recipients, ("rcpt", "ann@example.com")])["action"] == "add header"


def asking_as_rspamd(account, message: bytes, headers=()):
    base = str(account.client.base_url).removesuffix("/client/v4/").removesuffix("/client/v4")
    given = [("password", account.tenant.read_token), *headers]
    return httpx.post(f"{base}/checkv2", content=message, headers=given)


def asked_as_rspamd(account, message: bytes, headers=()):
    answer = asking_as_rspamd(account, message, headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("named", ["no%00account", "../../tmp/elsewhere", "0" * 31, "g" * 32])
def test_a_client_of_rspamd_names_an_account(account, server_token, named):
    """What cannot be the id of one is refused, whoever asks, before anything is looked for."""
    base = str(account.client.base_url).removesuffix("/client/v4/").removesuffix("/client/v4")
    headers = {"password": server_token, "settings-id": named}
    assert httpx.post(f"{base}/checkv2", content=FORGED, headers=headers).status_code == 403
    mine = headers | {"settings-id": account.tenant.account_id}
    assert httpx.post(f"{base}/checkv2", content=FORGED, headers=mine).status_code == 200
