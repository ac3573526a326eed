"""The trusted domain: one that may look like a protected domain, or be new, without being suspected for it.

Wire facts: Cloudflare API, "Create trusted email domain" (`email_security_create_trusted_domain`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sosie.registry.allow_policy import COMMENTS_FIELD, DOMAIN, IS_REGEX_FIELD, PATTERN_FIELD, pattern_faults
from sosie.registry.domain import compared_domain, read_domain
from sosie.registry.errors import InvalidFields
from sosie.registry.fields import Field, read_fields
from sosie.registry.java_pattern import compile_pattern
from sosie.registry.pattern_set import PatternSet

FIELDS = (
    PATTERN_FIELD,
    IS_REGEX_FIELD,
    Field("is_recent", "boolean", "Prevents a recent registration from making a message Suspicious or Malicious.",
          required=True, example=False),
    Field("is_similarity", "boolean",
          "Prevents likeness to a protected domain from making a message Spoof.", required=True, example=True),
    COMMENTS_FIELD,
)  # fmt: skip


class TrustedDomainFields(NamedTuple):
    """What a person writes into a trusted domain, all rules kept."""

    pattern: str
    is_regex: bool
    is_recent: bool
    is_similarity: bool
    comments: str | None = None


class TrustedDomain(NamedTuple):
    """A trusted domain as it is kept. Times are RFC 3339 in UTC with microseconds, ending in Z."""

    id: str
    pattern: str
    is_regex: bool
    is_recent: bool
    is_similarity: bool
    comments: str | None
    created_at: str
    modified_at: str

    @property
    def fields(self) -> TrustedDomainFields:
        """The part that a person writes."""
        return TrustedDomainFields(*self[1:6])


def read_new_trusted_domain(document: Any) -> TrustedDomainFields:
    """The fields of a trusted domain to create. Raises InvalidFields."""
    return TrustedDomainFields(**read_fields(FIELDS, document, rule=lambda values: pattern_faults(values, DOMAIN)))


def read_changes(document: Any) -> dict[str, Any]:
    """The fields that an edit names, each checked alone. Raises InvalidFields."""
    return read_fields(FIELDS, document, partial=True)


def changed(trusted: TrustedDomain, changes: Mapping[str, Any]) -> TrustedDomainFields:
    """The fields of `trusted` after an edit; fields that are not named stay. Raises InvalidFields."""
    fields = trusted.fields._replace(**changes)
    if faults := pattern_faults(fields._asdict(), DOMAIN):
        raise InvalidFields(faults)
    return fields


class TrustedDomains:
    """An account's trusted domains, to be asked about the domains of a message."""

    def __init__(self, trusted: Iterable[TrustedDomain]) -> None:
        kept = list(trusted)
        self._domains = PatternSet(
            [(read_domain(one.pattern), one) for one in kept if not one.is_regex],
            [(compile_pattern(one.pattern), one) for one in kept if one.is_regex],
        )

    def of(self, domain: str) -> list[TrustedDomain]:
        """The trusted domains that `domain` is: a literal is that one name, and none beneath it."""
        return self._domains.find(domain, compared_domain(domain))

    def may_look_alike(self, domain: str) -> TrustedDomain | None:
        """The one by which likeness of `domain` to a protected domain is no Spoof, if there is one."""
        return next((one for one in self.of(domain) if one.is_similarity), None)

    def may_be_recent(self, domain: str) -> TrustedDomain | None:
        """The one by which a recent registration of `domain` is no cause for suspicion, if there is one."""
        return next((one for one in self.of(domain) if one.is_recent), None)
