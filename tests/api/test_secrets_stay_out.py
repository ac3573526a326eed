"""No secret is in the log, in a metric, in the database or in an answer that is not its own."""

from __future__ import annotations

import signal

from .account import PLAIN
from .conftest import ANYBODY, bearer, open_account
from .token_bodies import body, listing, make


def test_no_log_no_metric_and_no_table_holds_a_secret(start):
    """After every kind of request with every kind of credential, right and wrong, the log at its most talkative."""
    server = start(SOSIE_LOG_LEVEL="debug")
    wrong = "sosie_" + "W" * 44
    with open_account(server) as account:
        token = make(account)
        rolled = account.client.put(f"{account.tokens}/{token['id']}/value", headers=account.manager()).json()["result"]
        tenant = account.tenant
        secrets = [
            token["value"], rolled, wrong, tenant.write_token, tenant.read_token, tenant.manage_token, tenant.api_key,
            "key-that-is-wrong-" + "k" * 30, "the note of the entry", "jane.roe@example.com",
            server.storage.secret_key.hex(),
        ]  # fmt: skip
        entry = account.create(comments="the note of the entry")
        account.edit(entry, name="x")
        listing(account, token["value"])
        listing(account, rolled)
        listing(account, wrong)
        account.client.get(account.path, headers={"Authorization": wrong})
        account.client.get(account.path, params={"search": "jane.roe@example.com", "access_token": wrong})
        account.client.get("/user/tokens/verify", headers=bearer(wrong))
        account.client.get(f"/{wrong}")
        account.client.post(account.path, content=f'{{"name":"{wrong}"'.encode())
        account.client.post(account.tokens, json=body(account), headers=bearer(wrong))
        pair = {"X-Auth-Email": tenant.email, "X-Auth-Key": tenant.api_key}
        for headers in (pair, pair | {"X-Auth-Key": "key-that-is-wrong-" + "k" * 30}):
            ANYBODY.get(f"{server.url}/user", headers=headers)
            ANYBODY.post(f"{server.url}{account.path}", headers=headers, json=PLAIN)
        metrics = ANYBODY.get(f"{server.admin}/metrics").text
    server.stop(signal.SIGINT)
    log = server.log.read_text()
    assert "RequestAnswered" in log
    assert "sosie_requests_total" in metrics
    assert not [one for one in secrets if one in log]
    assert not [one for one in secrets if one in metrics]
    assert tenant.account_id not in metrics
    folder = server.storage.data_dir
    kept = b"".join(file.read_bytes() for file in folder.glob("sosie.sqlite*"))
    assert not [one for one in secrets[:8] if one.encode() in kept]


def test_metrics_have_no_more_series_than_routes(start):
    """A stranger cannot make the memory of the metrics grow with paths or methods of his own."""
    server = start()
    for number in range(50):
        ANYBODY.get(f"{server.url}/stranger/{number}")
        ANYBODY.request("PROPFIND", f"{server.url}/accounts/{number}")
    metrics = ANYBODY.get(f"{server.admin}/metrics").text
    assert "stranger" not in metrics
    assert "PROPFIND" not in metrics
    assert metrics.count("sosie_requests_total{") == 2


def test_the_admin_address_is_not_the_apis(start):
    """Metrics and health are not where strangers are, and the API is not where they are."""
    server = start()
    for path in ("/metrics", "/livez", "/readyz"):
        assert ANYBODY.get(f"{server.origin}{path}").status_code == 404
        assert ANYBODY.get(f"{server.admin}{path}").status_code == 200
    assert ANYBODY.get(f"{server.admin}/client/v4/accounts").status_code == 404


def test_the_files_are_their_owners(start):
    """The database and the secret key can be read by nobody else."""
    server = start()
    folder = server.storage.data_dir
    assert [(folder / name).stat().st_mode & 0o077 for name in ("sosie.sqlite", "secret.key")] == [0, 0]
