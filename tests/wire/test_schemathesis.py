"""Whatever schemathesis can make of the official description, or of our own, the server answers as described.

Two documents: the excerpt of the official OpenAPI document about this resource, which not everybody has (skipped then),
and the one that the server serves of itself. Every check of schemathesis is on but one:

- `ignored_auth` wants 401 or 403 for a request without credentials. The service answers 400 with code 9106; so do we.

A request that the schema allows may still be 400 where what is wrong cannot be said in a schema; where that is so is
listed below, operation by operation, with the reason. Everywhere else 400 for a valid request is a failure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from sosie.store import accounts, records
from sosie.store.database import Database
from support.flagged import flagged
from support.server import Server

ROOT = Path(__file__).parents[2]
CONTRACT = Path(
    os.environ.get("SOSIE_CONTRACT") or ROOT / "../shared/contract/impersonation_registry.fixed.json"
)  # the variable for another place
SCHEMATHESIS = str(Path(sys.executable).with_name("schemathesis"))
EXAMPLES = os.environ.get("SOSIE_SCHEMATHESIS_EXAMPLES", "40")  # per operation; more by hand, before a release

ENTRY = "`email` must be an address or a pattern that compiles, and limits count bytes where a schema counts characters"
POLICY = "`pattern` must be of its type, and globally routable, and a deprecated boolean must be as its successor"
TRUSTED = "`pattern` must be a domain or an expression that compiles"
DOMAIN = "`domain` must be a domain, restrictions be networks, and the name does not change"
REFUSED = "moving messages needs an integration with mailboxes, and there is none"
SEARCH = "a moment must be in the calendar, and what is searched for have a letter or a digit"
TOKEN = "times must be in order, networks be networks, and a policy name the account itself"
ALLOWED_400 = {
    "email_security_list_impersonation_registry": "how deep a page lies is the product of two parameters",
    "email_security_create_impersonation_registry": ENTRY,
    "email_security_update_impersonation_registry": ENTRY,
    "email_security_create_allow_policy": POLICY,
    "email_security_update_allow_policy": POLICY,
    "email_security_batch_allow_policies": POLICY,
    "email_security_create_trusted_domain": TRUSTED,
    "email_security_update_trusted_domain": TRUSTED,
    "email_security_batch_trusted_domains": TRUSTED,
    "email_security_create_domains": DOMAIN,
    "email_security_update_domain": DOMAIN,
    "email_security_replace_domain": DOMAIN,
    "email_security_batch_domains": DOMAIN,
    "email_security_investigate": SEARCH,
    "email_security_get_bulk_jobs": "a page is a number that every client can hold",
    "email_security_create_bulk_job": REFUSED,
    "email_security_post_bulk_move": REFUSED,
    "email_security_post_message_move": REFUSED,
    "account_api_tokens_create_token": TOKEN,
    "account_api_tokens_update_token": TOKEN,
}
USUAL = ["2xx", "3xx", "401", "403", "404", "409", "429", "5xx"]  # schemathesis' own; 5xx is another check's business

SETTINGS = {
    "policy_id": (
        "allow_policies",
        {
            "pattern": "example.com",
            "pattern_type": "DOMAIN",
            "is_regex": False,
            "is_acceptable_sender": True,
            "is_exempt_recipient": False,
            "is_trusted_sender": False,
            "verify_sender": True,
        },
    ),
    "trusted_domain_id": (
        "trusted_domains",
        {"pattern": "example.com", "is_regex": False, "is_recent": True, "is_similarity": True},
    ),
    "domain_id": (
        "domains",
        {
            "domain": "example.com",
            "allowed_delivery_modes": ["DIRECT"],
            "drop_dispositions": [],
            "ip_restrictions": [],
            "regions": ["GLOBAL"],
        },
    ),
}

UNSET_BY_NULL = {
    "AllowPolicy": ("is_recipient", "is_sender", "is_spoof"),
    "UpdateDomain": ("lookback_hops", "require_tls_inbound", "require_tls_outbound", "transport"),
}
KNOWN = ("impersonation_registry_id", "token_id", "investigate_id", *SETTINGS)

CONFIGURATION = """
[generation]
with-security-parameters = false  # made-up credentials would be tested, not the operations

[checks.ignored_auth]
enabled = false

[dictionaries.addresses]  # good as an address and as a pattern: else few entries would ever be made
values = ["john.doe@example.com", "jane@example.com, j.roe@example.net", "jäne@exämple.com", "a+b@example.com"]

[dictionaries.networks]
values = ["192.0.2.0/24", "127.0.0.1", "2001:db8::/32"]

[dictionaries.patterns]  # good as a domain and as an expression
values = ["example.com", "mail.example.net", "exämple.com"]

[parameters]
"path.account_id" = {account}
"body.email" = {{ dictionary = "addresses", probability = 0.7 }}
"body.pattern" = {{ dictionary = "patterns", probability = 0.7 }}
"body.domain" = {{ dictionary = "patterns", probability = 0.7 }}
"body.ip_restrictions[*]" = {{ dictionary = "networks", probability = 0.9 }}
"body.condition.request_ip.in[*]" = {{ dictionary = "networks", probability = 0.9 }}
"body.condition.request_ip.not_in[*]" = {{ dictionary = "networks", probability = 0.9 }}
"""


@pytest.fixture
def ids(served) -> dict[str, str]:
    """An entry, a token and one of each setting that are there, so that operations on one have something to work on."""
    path = f"{served.url}/accounts/{served.tenant.account_id}"
    headers = {"Authorization": f"Bearer {served.tenant.manage_token}"}
    entry = {"name": "Jane Roe", "email": "jane@example.com", "is_email_regex": False}
    registry = f"{path}/email-security/settings/impersonation_registry"
    made = httpx.post(registry, json=entry, headers=headers).json()["result"]["id"]
    token = httpx.get(f"{path}/tokens", headers=headers).json()["result"][0]["id"]
    ids = {"impersonation_registry_id": made, "token_id": token, "investigate_id": _recorded(served)}
    for parameter, (name, body) in SETTINGS.items():
        answer = httpx.post(f"{path}/email-security/settings/{name}", json=body, headers=headers)
        ids[parameter] = answer.json()["result"]["id"]
    return ids


def _recorded(served: Server) -> str:
    """The id of a message that is recorded."""
    record = flagged(action="quarantine", raw=b"From: jane@example.com\r\n\r\n")

    async def work(database: Database) -> None:
        account = await accounts.look_up(database.reader, served.tenant.account_id)
        await database.write(lambda session: records.add(session, account.no, [record]))

    served.storage.run(work)
    return record.id


def _configuration(served: Server, operations: dict[str, str], ids: dict[str, str]) -> str:
    """`operations`: operation id -> the path parameter that is filled in with what is there, or nothing."""
    text = CONFIGURATION.format(account=json.dumps(served.tenant.account_id))
    for operation, parameter in operations.items():
        settings = []
        if operation in ALLOWED_400:
            settings.append(f"checks.positive_data_acceptance.expected-statuses = {json.dumps([*USUAL, '400'])}")
        if parameter:
            settings.append(f'parameters = {{ "path.{parameter}" = {json.dumps(ids[parameter])} }}')
        if settings:
            text += "\n".join(("", "[[operations]]", f'include-operation-id = "{operation}"', *settings, ""))
    return text


def _operations(document: dict[str, Any]) -> dict[str, str]:
    found = {}
    for path, methods in document["paths"].items():
        about_one = path.endswith(("}", "/verification")) or "{investigate_id}" in path
        last = path.rpartition("{")[2].partition("}")[0] if about_one else ""
        for method, operation in methods.items():
            if method in ("get", "post", "put", "patch", "delete"):
                given = last if method != "delete" and last in KNOWN else ""
                found[operation["operationId"]] = given
    return found


def _run(served: Server, document: dict[str, Any], ids: dict[str, str], folder: Path) -> None:
    """One request at a time with what is there; then sequences of requests, which make what they work on."""
    (folder / "document.json").write_text(json.dumps(document))
    (folder / "single.toml").write_text(_configuration(served, _operations(document), ids))
    (folder / "sequences.toml").write_text(_configuration(served, dict.fromkeys(_operations(document), ""), ids))
    _schemathesis(served, folder, "single.toml", "examples,coverage,fuzzing")
    _schemathesis(served, folder, "sequences.toml", "stateful")
    assert served.process.poll() is None
    assert '"status":500' not in served.log.read_text()


def _schemathesis(served: Server, folder: Path, configuration: str, phases: str) -> None:
    credentials = (
        f"Authorization: Bearer {served.tenant.manage_token}",  # for what takes nothing but a token
        f"X-Auth-Email: {served.tenant.email}",  # for the rest: no request can delete or roll this one
        f"X-Auth-Key: {served.tenant.api_key}",
    )
    command = [SCHEMATHESIS, "--config-file", configuration, "run", "document.json", "--url", served.url]
    command += ["--phases", phases]
    command += [part for header in credentials for part in ("--header", header)]
    command += ["--max-examples", EXAMPLES, "--generation-deterministic", "--workers", "1", "--no-color"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (folder / f"{configuration}.out").write_text(done.stdout)


def test_the_official_description(served, ids, tmp_path):
    """The excerpt as it is, but for `provenance`, which the official SDKs of later date read and write as null too."""
    if not CONTRACT.exists():
        pytest.skip("the excerpt of the official OpenAPI document is not here; SOSIE_CONTRACT may say where it is")
    document = json.loads(CONTRACT.read_text())
    provenance = document["components"]["schemas"]["email-security_Provenance"]
    provenance |= {"nullable": True, "enum": [*provenance["enum"], None]}
    _run(served, document, ids, tmp_path)


def test_the_official_description_of_the_settings(served, ids, tmp_path):
    """Allow policies, trusted domains and domains, of the excerpt about all of the product that lies beside it: as it
    is, but for the fields that Terraform unsets by null."""
    whole = CONTRACT.with_name("email_security.fixed.json")
    if not whole.exists():
        pytest.skip("the excerpt of the official OpenAPI document is not here; SOSIE_CONTRACT may say where it is")
    document = json.loads(whole.read_text())
    parts = ("/settings/allow_policies", "/settings/trusted_domains", "/settings/domains")
    for schema, names in UNSET_BY_NULL.items():
        for name in names:
            document["components"]["schemas"][f"email-security_{schema}"]["properties"][name]["nullable"] = True
    document["paths"] = {path: methods for path, methods in document["paths"].items() if _is_about(path, parts)}
    _run(served, document, ids, tmp_path)


def test_the_official_description_of_recorded_messages(served, ids, tmp_path):
    """`investigate` with all beneath it, of the same excerpt, as it is."""
    whole = CONTRACT.with_name("email_security.fixed.json")
    if not whole.exists():
        pytest.skip("the excerpt of the official OpenAPI document is not here; SOSIE_CONTRACT may say where it is")
    document = json.loads(whole.read_text())
    document["paths"] = {
        path: methods for path, methods in document["paths"].items() if _is_about(path, ("/investigate",))
    }
    _run(served, document, ids, tmp_path)


def _is_about(path: str, parts: tuple[str, ...]) -> bool:
    return any(part in path for part in parts)


def test_our_own_description(served, ids, tmp_path):
    """What the server says of itself is true: every operation, every status, every field."""
    document = httpx.get(f"{served.url}/openapi.json").json()
    _run(served, document, ids, tmp_path)
