"""The allow policy: whose mail, or mail to whom, is exempt from what. Its field table and its rules.

Wire facts: Cloudflare API, "Create email allow policy" (`email_security_create_allow_policy`). What matches a policy is
worked out in `allow_policies`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sosie.mail.address import Address, AddressError
from sosie.registry.domain import DomainError, read_domain
from sosie.registry.errors import Fault, InvalidFields
from sosie.registry.fields import Field, read_fields
from sosie.registry.java_pattern import AddressPattern, PatternError, compile_pattern
from sosie.registry.network import Network, NetworkError, read_global_network

MAX_PATTERN = 1024  # characters, and
MAX_COMMENTS = 1024  # both the wire's own
EMAIL, DOMAIN, IP = "EMAIL", "DOMAIN", "IP"
PATTERN_TYPES = (EMAIL, DOMAIN, IP)
UNKNOWN = "UNKNOWN"  # deprecated: may be asked for in a list, where nothing has it

PATTERN_FIELD = Field(
    "pattern", "string", "What is matched. Regular expressions are in Java syntax, matched with the whole text.",
    required=True, not_blank=True, max_length=MAX_PATTERN, example="partner@example.com",
)  # fmt: skip
IS_REGEX_FIELD = Field(
    "is_regex", "boolean", "Whether `pattern` is a regular expression instead of a literal.",
    required=True, example=False,
)  # fmt: skip
COMMENTS_FIELD = Field("comments", "string", "Optional note.", nullable=True, max_length=MAX_COMMENTS)

FIELDS = (
    PATTERN_FIELD,
    Field("pattern_type", "string",
          "What `pattern` is: EMAIL, one address; DOMAIN, one domain name; IP, a globally routable IPv4 or IPv6 "
          "address or CIDR block. An address or domain may also be a regular expression.",
          required=True, choices=PATTERN_TYPES, example=EMAIL),
    IS_REGEX_FIELD,
    Field("is_acceptable_sender", "boolean",
          "Exempts messages from this sender from Spam, Spoof and Bulk dispositions only.",
          required=True, example=False),
    Field("is_exempt_recipient", "boolean", "Bypasses all detections for messages to this recipient.",
          required=True, example=False),
    Field("is_trusted_sender", "boolean", "Bypasses all detections for messages from this sender.",
          required=True, example=True),
    Field("verify_sender", "boolean", "Whether the policy is honored only if DMARC, SPF or DKIM pass.",
          required=True, example=True),
    COMMENTS_FIELD,
    Field("is_recipient", "boolean", "Use `is_exempt_recipient` instead.", nullable=True, deprecated=True),
    Field("is_sender", "boolean", "Use `is_trusted_sender` instead.", nullable=True, deprecated=True),
    Field("is_spoof", "boolean", "Use `is_acceptable_sender` instead.", nullable=True, deprecated=True),
)  # fmt: skip
SUCCESSORS = {
    "is_recipient": "is_exempt_recipient",
    "is_sender": "is_trusted_sender",
    "is_spoof": "is_acceptable_sender",
}


class AllowPolicyFields(NamedTuple):
    """What a person writes into an allow policy, all rules kept. A deprecated field is None or as its successor."""

    pattern: str
    pattern_type: str
    is_regex: bool
    is_acceptable_sender: bool
    is_exempt_recipient: bool
    is_trusted_sender: bool
    verify_sender: bool
    comments: str | None = None
    is_recipient: bool | None = None
    is_sender: bool | None = None
    is_spoof: bool | None = None


class AllowPolicy(NamedTuple):
    """An allow policy as it is kept. Times are RFC 3339 in UTC with microseconds, ending in Z."""

    id: str
    pattern: str
    pattern_type: str
    is_regex: bool
    is_acceptable_sender: bool
    is_exempt_recipient: bool
    is_trusted_sender: bool
    verify_sender: bool
    comments: str | None
    is_recipient: bool | None
    is_sender: bool | None
    is_spoof: bool | None
    created_at: str
    modified_at: str

    @property
    def fields(self) -> AllowPolicyFields:
        """The part that a person writes."""
        return AllowPolicyFields(*self[1:12])


def read_new_policy(document: Any) -> AllowPolicyFields:
    """The fields of a policy to create. Raises InvalidFields."""
    return AllowPolicyFields(**read_fields(FIELDS, document, rule=_faults))


def read_changes(document: Any) -> dict[str, Any]:
    """The fields that an edit names. A deprecated one stands for its successor. Raises InvalidFields."""
    changes = read_fields(FIELDS, document, partial=True, rule=_contradictions)
    for deprecated, successor in SUCCESSORS.items():
        if changes.get(deprecated) is not None:
            changes.setdefault(successor, changes[deprecated])
    return changes


def changed(policy: AllowPolicy, changes: Mapping[str, Any]) -> AllowPolicyFields:
    """The fields of `policy` after an edit; fields that are not named stay, and a deprecated one follows its
    successor. Raises InvalidFields."""
    values = policy.fields._asdict() | dict(changes)
    for deprecated, successor in SUCCESSORS.items():
        if values[deprecated] is not None:
            values[deprecated] = values[successor]
    if faults := pattern_faults(values, values["pattern_type"]):
        raise InvalidFields(faults)
    return AllowPolicyFields(**values)


def pattern_faults(values: Mapping[str, Any], pattern_type: str) -> list[Fault]:
    """What is wrong with `pattern`, as far as `is_regex` and the type say what it should be."""
    if "pattern" not in values or "is_regex" not in values:
        return []
    try:
        read_pattern(values["pattern"], pattern_type, is_regex=values["is_regex"])
    except PatternError as error:
        return [Fault("/pattern", f"pattern cannot be used as a regular expression: {error}")]
    except AddressError as error:
        return [Fault("/pattern", f"pattern {values['pattern'][:80]!r} is not an email address: {error}")]
    except (DomainError, NetworkError) as error:
        return [Fault("/pattern", f"pattern {error}")]
    return []


def read_pattern(pattern: str, pattern_type: str, *, is_regex: bool) -> AddressPattern | Network | str:
    """A compiled pattern, a network, or an address or domain in the form in which it is compared.

    Raises PatternError, NetworkError, AddressError, DomainError.
    """
    if pattern_type == IP:
        if is_regex:
            raise NetworkError("of type IP is an address or CIDR block, never a regular expression")
        return read_global_network(pattern)
    if is_regex:
        return compile_pattern(pattern)
    return Address.from_text(pattern).compared if pattern_type == EMAIL else read_domain(pattern)


def _faults(values: Mapping[str, Any]) -> list[Fault]:
    faults = pattern_faults(values, values["pattern_type"]) if "pattern_type" in values else []
    return faults + _contradictions(values)


def _contradictions(values: Mapping[str, Any]) -> list[Fault]:
    return [
        Fault(f"/{deprecated}", f"{deprecated} is deprecated and must be the same as {successor}, or absent")
        for deprecated, successor in SUCCESSORS.items()
        if values.get(deprecated) is not None and values.get(successor, values[deprecated]) != values[deprecated]
    ]
