"""Which allow policies a message meets.

A policy for senders is held against the envelope's return path, the authors, the Reply-To, the address that the message
came from, and the name of the server there (Cloudflare documentation, "Allow policies"): an EMAIL against the
addresses, a DOMAIN against their domains and the server's name, an IP against the address. One for recipients is held
against recipients. A literal domain is that one name; the names beneath it are others, which a regular expression can
cover.

From and Reply-To may hold several addresses. They meet a policy only if all of them do: else an attacker would put a
trusted one beside his own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sosie.registry.allow_policy import DOMAIN, EMAIL, IP, AllowPolicy
from sosie.registry.domain import compared_address, compared_domain
from sosie.registry.java_pattern import compile_pattern
from sosie.registry.network import NetworkSet, read_network
from sosie.registry.pattern_set import PatternSet


class Origin(NamedTuple):
    """Where a message says and shows that it comes from; what is not known is empty.

    Addresses are `local@domain`. `server_name` must be one that was looked up, never the one that the client gave in
    HELO. `authenticated` holds the domains for which DMARC, SPF or DKIM passed, in any case.
    """

    return_path: str = ""
    authors: tuple[str, ...] = ()
    reply_to: tuple[str, ...] = ()
    ip: str = ""
    server_name: str = ""
    authenticated: frozenset[str] = frozenset()


class PolicyMatch(NamedTuple):
    """A policy that a message meets: by which field (`return_path`, `author`, `reply_to`, `ip`, `server_name` or
    `recipient`), and with which text in it."""

    policy: AllowPolicy
    field: str
    value: str


class AllowPolicies:
    """An account's allow policies, to be asked about messages. What a literal costs does not grow with their number."""

    def __init__(self, policies: Iterable[AllowPolicy]) -> None:
        kept = list(policies)
        self._senders = _Side([one for one in kept if one.is_trusted_sender or one.is_acceptable_sender])
        self._recipients = _Side([one for one in kept if one.is_exempt_recipient])

        self._any = bool(kept)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return self._any

    def of_sender(self, origin: Origin) -> list[PolicyMatch]:
        """The policies for senders that the origin meets, each once, by the first field that meets it.

        Those with `verify_sender` only where what met them is authenticated: its domain, or for `ip` and `server_name`
        the domains of all authors.
        """
        if not self._senders:
            return []
        authenticated = frozenset(map(compared_domain, origin.authenticated))
        met: dict[str, PolicyMatch] = {}
        for field, values in _fields(origin):
            claimed = origin.authors if field in ("ip", "server_name") else values
            for policy in _met_by_all(self._senders, field, values):
                if not policy.verify_sender or _are_authenticated(claimed, authenticated):
                    met.setdefault(policy.id, PolicyMatch(policy, field, values[0]))
        return list(met.values())

    def of_recipient(self, address: str, origin: Origin) -> list[PolicyMatch]:
        """The policies for recipients that one recipient meets; those with `verify_sender` only where the domains of
        all authors are authenticated. A message to several is exempt only for those recipients that meet one."""
        if not self._recipients:
            return []
        found = self._recipients.of_address(address)
        verified = not found or _are_authenticated(
            origin.authors, frozenset(map(compared_domain, origin.authenticated))
        )
        return [PolicyMatch(policy, "recipient", address) for policy in found if verified or not policy.verify_sender]


class _Side:
    """Policies by what they are held against."""

    def __init__(self, policies: Sequence[AllowPolicy]) -> None:
        self._addresses = _pattern_set(policies, EMAIL)
        self._domains = _pattern_set(policies, DOMAIN)
        self._networks = NetworkSet([(read_network(one.pattern), one) for one in policies if one.pattern_type == IP])
        self._holds = bool(policies)

    def __bool__(self) -> bool:
        return self._holds

    def of_text(self, field: str, text: str) -> list[AllowPolicy]:
        """Those that the text of a field meets."""
        if field == "ip":
            return self._networks.find(text)
        return self._of_domain(text) if field == "server_name" else self.of_address(text)

    def of_address(self, address: str) -> list[AllowPolicy]:
        """Those that an address meets, or its domain."""
        found = self._addresses.find(address, compared_address(address)) if self._addresses else []
        return found + self._of_domain(_domain_of(address)) if self._domains else found

    def _of_domain(self, domain: str) -> list[AllowPolicy]:
        return self._domains.find(domain, compared_domain(domain))


def _pattern_set(policies: Sequence[AllowPolicy], pattern_type: str) -> PatternSet[AllowPolicy]:
    compared = compared_address if pattern_type == EMAIL else compared_domain
    typed = [one for one in policies if one.pattern_type == pattern_type]
    return PatternSet(
        [(compared(one.pattern), one) for one in typed if not one.is_regex],
        [(compile_pattern(one.pattern), one) for one in typed if one.is_regex],
    )


def _fields(origin: Origin) -> list[tuple[str, tuple[str, ...]]]:
    """The fields that hold something."""
    fields = (
        ("author", origin.authors),
        ("return_path", (origin.return_path,)),
        ("reply_to", origin.reply_to),
        ("server_name", (origin.server_name,)),
        ("ip", (origin.ip,)),
    )
    return [(field, values) for field, values in fields if any(values)]


def _met_by_all(side: _Side, field: str, values: Sequence[str]) -> list[AllowPolicy]:
    """The policies that every value meets."""
    first, *others = values
    found = side.of_text(field, first)
    for other in others if found else ():
        kept = {policy.id for policy in side.of_text(field, other)}
        found = [policy for policy in found if policy.id in kept]
    return found


def _are_authenticated(addresses: Sequence[str], authenticated: frozenset[str]) -> bool:
    """Whether the domain of every address is among them, or lies beneath one."""
    return bool(addresses) and all(_lies_in(_domain_of(address), authenticated) for address in addresses)


def _lies_in(domain: str, names: frozenset[str]) -> bool:
    name = compared_domain(domain)
    while name and name not in names:
        name = name.partition(".")[2]
    return bool(name)


def _domain_of(address: str) -> str:
    return address.rpartition("@")[2]
