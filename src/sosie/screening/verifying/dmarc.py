"""DMARC (RFC 9989): whether what DKIM and SPF have shown is the author's domain, where that domain says it matters.

Theory of operation. The organizational domain of a name is found in the DNS, by a walk up its labels (4.10). That of
the author is found first. Another domain is aligned with it only if it lies there, too: what does not is never walked,
so that a sender's own name servers are not asked whether the sender is somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass

from sosie.screening.verifying.resolver import Questions

MAX_LABELS = 8  # of a walk (RFC 9989, 4.10)
MAX_RECORD = 4 * 1024  # octets; honest ones have some hundred

_POLICIES = ("none", "quarantine", "reject")


@dataclass(frozen=True, slots=True)
class Policy:
    """Where a domain's mail is held against DMARC: `domain` is the author's, `organizational_domain` whose it is.

    `strict_dkim` and `strict_spf`: only the very domain is aligned (adkim, aspf).
    """

    domain: str
    organizational_domain: str
    strict_dkim: bool
    strict_spf: bool


def policy_of(domain: str, questions: Questions) -> Policy | None:
    """Of an author's domain, as A-labels; None where it has no policy, and DMARC does not apply. Raises Undecided."""
    found = _walk(domain, questions)
    organization = _organizational_domain(domain, found)
    above = [name for name, tags in found.items() if tags.get("psd") == "y"]
    applied = next((found[name] for name in (domain, organization, *above) if name in found), None)
    if applied is None or not _is_usable(applied):
        return None
    return Policy(domain, organization, applied.get("adkim") == "s", applied.get("aspf") == "s")


def organizational_domain_of(domain: str, questions: Questions) -> str:
    """RFC 9989, 4.10.2. Raises Undecided."""
    return _organizational_domain(domain, _walk(domain, questions))


def is_aligned(domain: str, policy: Policy, questions: Questions, *, strict: bool) -> bool:
    """Whether a domain that was authenticated is the author's (4.10.2). Raises Undecided."""
    if domain == policy.domain:
        return True
    organization = policy.organizational_domain
    if strict or not (domain == organization or domain.endswith("." + organization)):
        return False
    return organizational_domain_of(domain, questions) == organization


def _walk(domain: str, questions: Questions) -> dict[str, dict[str, str]]:
    """The records on the way up, by domain, longest first (4.10)."""
    found: dict[str, dict[str, str]] = {}
    labels = domain.split(".")
    while labels:
        name = ".".join(labels)
        tags = _record(name, questions)
        if tags:
            found[name] = tags
            if tags.get("psd") in ("y", "n"):
                break
        labels = labels[1:] if len(labels) < MAX_LABELS else labels[-(MAX_LABELS - 1) :]
    return found


def _record(domain: str, questions: Questions) -> dict[str, str]:
    """The tags of the one record at a domain; of several, none counts."""
    records = [record for record in questions.ask(f"_dmarc.{domain}", "TXT") if len(record) <= MAX_RECORD]
    read = [tags for record in records if (tags := _tags(record.decode("utf-8", "replace")))]
    return read[0] if len(read) == 1 else {}


def _tags(record: str) -> dict[str, str]:
    """Tags and values (4.7), values in lower case; empty where the first is not v=DMARC1."""
    tags: dict[str, str] = {}
    for part in record.split(";"):
        name, _, value = part.partition("=")
        name, value = name.strip().lower(), value.strip()
        if not tags and (name, value) != ("v", "DMARC1"):
            return {}
        tags.setdefault(name, value.lower())
    return tags


def _organizational_domain(domain: str, found: dict[str, dict[str, str]]) -> str:
    organization = domain
    for name, tags in found.items():
        if tags.get("psd") == "n":
            return name
        if tags.get("psd") == "y" and name != domain:
            return ".".join(domain.split(".")[-name.count(".") - 2 :])
        organization = name
    return organization


def _is_usable(tags: dict[str, str]) -> bool:
    """Whether a policy can be made of it (4.10.1): who wants reports has one, however it is spelt; without p= it is
    "none" (4.7)."""
    policies = [tags[name] for name in ("p", "sp", "np") if name in tags]
    return all(policy in _POLICIES for policy in policies) or "mailto:" in tags.get("rua", "")
