"""What an administrator has exempted, and the envelope that it is held against."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sosie.mail.trusted_results import TrustedResults

if TYPE_CHECKING:  # who has none need not load them
    from sosie.registry.allow_policies import AllowPolicies
    from sosie.registry.trusted_domain import TrustedDomains


class Envelope(NamedTuple):
    """What the door knows of how the message came (RFC 5321); empty where it knows nothing.

    `return_path` is MAIL FROM, `recipients` the RCPT TOs that are judged, as `local@domain`; `server_name` one that was
    looked up, never the client's own word. `verified` is what was found by verifying here; a trusted host's results
    come before it.
    """

    return_path: str = ""
    recipients: tuple[str, ...] = ()
    ip: str = ""
    server_name: str = ""
    verified: TrustedResults | None = None


class Exemptions(NamedTuple):
    """An account's allow policies and trusted domains; None for none of a kind."""

    allow_policies: AllowPolicies | None = None
    trusted_domains: TrustedDomains | None = None


NO_EXEMPTIONS = Exemptions()
