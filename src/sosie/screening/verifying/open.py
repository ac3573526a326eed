"""Opens what verifying needs, or says what is missing. Nothing else in the project imports the libraries."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sosie.screening.verifying.resolver import Resolver
    from sosie.screening.verifying.verifier import Verifier

LIBRARIES = {"dkim": "dkimpy", "dns": "dnspython", "nacl": "PyNaCl", "spf": "pyspf"}

# Octets of a body that a door should keep for DKIM. A longer one is hashed while it comes in, where its hash counts.
BODY_WANTED = 256 * 1024


class CannotVerify(RuntimeError):
    """Something is missing; as text, what, and what to do."""


def open_resolver(nameserver: str = "") -> Resolver:
    """The resolver of this machine, or the one at `nameserver` (ADDRESS or ADDRESS:PORT). Raises CannotVerify."""
    try:
        import dns.resolver  # noqa: PLC0415 - of the extra, which need not be there

        from sosie.screening.verifying import verifier  # noqa: F401, PLC0415 - with all that it needs
        from sosie.screening.verifying.resolver import Resolver  # noqa: PLC0415 - the same
    except ImportError as error:
        name = (error.name or "").partition(".")[0]
        raise CannotVerify(
            f"verifying needs {LIBRARIES.get(name, name)}, which is not installed: pip install 'sosie[auth]'"
        ) from None
    try:
        return Resolver(_address(nameserver) if nameserver else None)
    except dns.resolver.NoResolverConfiguration:
        raise CannotVerify("verifying needs the DNS, and /etc/resolv.conf names no resolver") from None


def open_verifier(tell: Callable[[str], None]) -> Verifier:
    """For a process that takes mail; `tell` gets the traceback of a mistake of ours. Raises CannotVerify."""
    resolver = open_resolver()
    from sosie.screening.verifying.verifier import Verifier  # noqa: PLC0415 - of the extra, which is there now

    return Verifier(resolver, tell=tell)


def _address(text: str) -> tuple[str, int]:
    """Of IPv6 with a port the address stands in brackets. Raises CannotVerify."""
    host, colon, port = text.rpartition(":")
    if not (colon and port.isdecimal() and ("." in host or host.endswith("]"))):
        host, port = text, "53"
    host = host.removeprefix("[").removesuffix("]")
    try:
        ip_address(host)
    except ValueError:
        raise CannotVerify(f"a resolver is named as ADDRESS or ADDRESS:PORT, not {text!r}") from None
    return host, int(port)
