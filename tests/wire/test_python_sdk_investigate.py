"""The official Python SDK with recorded messages: only the base URL is changed, and every answer is validated."""

from __future__ import annotations

import cloudflare
import pytest
from cloudflare import Cloudflare

from support.flagged import REASON

from .recorded import record_messages


@pytest.fixture(scope="module")
def recorded(served):
    return record_messages(served, served.tenant.account_id)


@pytest.fixture
def investigate(served, monkeypatch):
    """The SDK's resource; what it reads from the environment is nothing."""
    for name in ("API_TOKEN", "API_KEY", "EMAIL", "API_USER_SERVICE_KEY", "BASE_URL"):
        monkeypatch.delenv(f"CLOUDFLARE_{name}", raising=False)
    client = Cloudflare(base_url=served.url, api_token=served.tenant.write_token, _strict_response_validation=True)
    return client.email_security.investigate


@pytest.fixture
def account(served):
    return {"account_id": served.tenant.account_id}


def test_the_auto_pager_finds_every_message_once(investigate, account, recorded):
    """In pages by number, and from a cursor on."""
    assert [one.id for one in investigate.list(**account, per_page=20)] == recorded
    first = investigate.list(**account, per_page=20)
    cursor = first.result_info.model_extra["next"]
    assert [one.id for one in investigate.list(**account, per_page=10, cursor=cursor)] == recorded[20:]


def test_a_message_is_read_in_every_way(investigate, account, recorded):
    """Details, detections, trace and raw."""
    newest = recorded[0]
    message = investigate.get(newest, **account)
    assert (message.from_name, message.detection_reasons, message.is_quarantined) == ("Jane Roe", [REASON], True)
    detections = investigate.detections.get(newest, **account)
    assert detections.findings[0].name == "author_name"
    assert detections.sender_info.pld == "bulk.example"
    assert investigate.trace.get(newest, **account).inbound.lines
    assert investigate.raw.get(newest, **account).raw.startswith("From: Jane Roe")
    assert [one.id for one in investigate.list(**account, alert_id=newest)] == [newest]


def test_a_message_is_released_and_reclassified(investigate, account, recorded):
    """Each answers what has happened."""
    (outcome,) = investigate.release.bulk(**account, ids=[recorded[0]])
    assert (outcome.id, outcome.undelivered) == (recorded[0], ["bob@example.com", "team@example.org"])
    with pytest.warns(DeprecationWarning, match="deprecated"):
        investigate.reclassify.create(recorded[1], **account, expected_disposition="SPAM")
    assert investigate.get(recorded[1], **account).final_disposition == "SPAM"


def test_what_is_refused_is_an_error_of_its_type(investigate, account, recorded):
    """And no client repeats it."""
    with pytest.raises(cloudflare.BadRequestError, match="integration"):
        investigate.move.create(recorded[0], **account, destination="Inbox")
    with pytest.raises(cloudflare.NotFoundError):
        investigate.preview.get(recorded[0], **account)
    with pytest.raises(cloudflare.NotFoundError):
        investigate.get("nothing", **account)
    assert list(investigate.bulk.list(**account)) == []
