"""What the judgement needs, said in few words: identities, knowledge, letters."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sosie.detection.examine import examine
from sosie.detection.exemptions import Envelope, Exemptions
from sosie.detection.history import Acquaintance, History
from sosie.detection.identity import Identity
from sosie.detection.index import Index
from sosie.detection.knowledge import Knowledge
from sosie.detection.verdict import Verdict
from sosie.mail.message import Message
from sosie.registry.allow_policies import AllowPolicies
from sosie.registry.allow_policy import AllowPolicy, read_new_policy
from sosie.registry.entry import Entry, read_new_entry
from sosie.registry.trusted_domain import TrustedDomain, TrustedDomains, read_new_trusted_domain

HOST = "mx.example.com"  # the one whose Authentication-Results are believed
PASSED = f"Authentication-Results: {HOST}; dmarc=pass header.from={{0}}; dkim=pass header.d={{0}}"
FAILED = f"Authentication-Results: {HOST}; dmarc=fail header.from={{0}}; spf=softfail smtp.mailfrom=x@bulk.example"
_POLICY = {"pattern_type": "EMAIL", "is_regex": False, "verify_sender": False} | dict.fromkeys(
    ("is_acceptable_sender", "is_exempt_recipient", "is_trusted_sender"), False
)


def person(name: str, email: str, *, number: int = 1, is_regex: bool = False) -> Identity:
    """An identity; its entry has this number as its id."""
    document = {"name": name, "email": email, "is_email_regex": is_regex}
    return Identity.from_entry(Entry(str(number), *read_new_entry(document), "", ""))


def people(*pairs: tuple[str, str]) -> list[Identity]:
    """Identities of names and addresses, numbered from 1."""
    return [person(name, email, number=number) for number, (name, email) in enumerate(pairs, 1)]


def policy(pattern: str, **fields: Any) -> AllowPolicy:
    """An allow policy: an address that is exempt from nothing, but for what `fields` say."""
    return AllowPolicy(pattern, *read_new_policy(_POLICY | {"pattern": pattern} | fields), "", "")


def trusted_domain(pattern: str) -> TrustedDomain:
    """A domain that may look like a protected one."""
    document = {"pattern": pattern, "is_regex": False, "is_recent": False, "is_similarity": True}
    return TrustedDomain(pattern, *read_new_trusted_domain(document), "", "")


def exemptions(policies: Iterable[AllowPolicy] = (), trusted: Iterable[TrustedDomain] = ()) -> Exemptions:
    """What an administrator has exempted."""
    return Exemptions(AllowPolicies(policies), TrustedDomains(trusted))


def knowledge_of(identities: Iterable[Identity], **known: Any) -> Knowledge:
    """Knowledge of these identities that believes HOST; `known` are further fields of Knowledge."""
    return Knowledge(Index(identities), **({"trusted_authserv_ids": frozenset({HOST})} | known))


def read_knowledge(folder: Path) -> Knowledge:
    """What the letters of a folder are judged by: `registry.json`, and `knowledge.json` if it is there."""
    entries = json.loads((folder / "registry.json").read_text(encoding="utf-8"))
    file = folder / "knowledge.json"
    known: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    identities = [
        person(one["name"], one["email"], number=number, is_regex=one["is_email_regex"])
        for number, one in enumerate(entries, 1)
    ]
    knowledge = knowledge_of(
        identities,
        history=History(
            (Acquaintance(**one) for one in known.get("history", ())),
            ((entry, address) for entry, address in known.get("alerted", ())),
        ),
        exemptions=exemptions(
            (policy(**one) for one in known.get("allow_policies", ())),
            map(trusted_domain, known.get("trusted_domains", ())),
        ),
        trusted_authserv_ids=frozenset(known.get("trusted_authserv_ids", ())),
    )
    for domain in known.get("protected_domains", ()):
        knowledge.index.domains.protect(domain)
    return knowledge


def judged(header: str, knowledge: Knowledge, envelope: Envelope | None = None) -> Verdict:
    """The verdict on a message with these header fields, one a line."""
    fields = header.encode("utf-8", "surrogatepass").replace(b"\n", b"\r\n")
    return examine(Message.from_bytes(fields + b"\r\nMessage-ID: <1@mail.example>\r\n\r\n"), knowledge, envelope)
