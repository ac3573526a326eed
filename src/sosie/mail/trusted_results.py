"""What one's own host has found about who sent a message, of all Authentication-Results that it carries (RFC 8601, 5).

Theory of operation. Anybody can write such a field in anybody's name. What the order of fields proves is little but
certain: fields are put on top of a header, so nothing that a sender wrote stands above what the trusted host wrote
after it. And the trusted host must remove the fields in its name that a message brings along (RFC 8601, 5). Hence:

- Only fields of a trusted authserv-id count, compared without regard to case (domain names) and otherwise exactly:
  `mx.example.com.` is not what the host writes.
- Of a method, the topmost trusted field that has a result of it decides; one further down is older or forged. Where
  such a one says "pass" of what the deciding one says otherwise, the results are `contradictory`: the host has not
  removed it, or the message came through the host twice. A weaker result further down is no contradiction: nobody
  forges one, and some relays write results in the name of those they deliver to.
- DKIM has a result per signature, and some hosts a field per signature: of the deciding field and the trusted ones
  below it up to the next Received field, all count.
- From an ambiguous field no "pass" counts, nor from those below it one of the same method, but everything else does: a
  sender who can slip text into the results must neither gain a "pass" nor hide a "fail".
- Of two results of one field that disagree about SPF, DMARC or ARC, the one that is no "pass" counts, for the same
  reason.

What Received fields stand between proves nothing more. A host that authenticates in an inner hop, or twice, looks like
a forgery further down: `AuthenticationResults.hop` keeps the place.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from sosie.mail.authentication_results import (
    AuthenticationResults,
    MethodResult,
    is_hidden,
    read_all_authentication_results,
    read_only_authentication_results,
)
from sosie.mail.header_fields import HeaderSection

# Mail of the same people through the same hosts has the same results, but for the beginning of the signature (header.b,
# RFC 6008), which nobody is judged by.
MAX_REMEMBERED = 2048  # fields; 2 kB each
MAX_REMEMBERED_SIZE = 600  # octets
_NAME = b"authentication-results"
_SIGNATURE = re.compile(rb"(?<=[ \t]header\.b=)[A-Za-z0-9+/=]{1,16}+(?![^ \t;])")

# RFC 8601, 2.7.2; and what older software writes.
_MAIL_FROM = ("smtp.mailfrom", "smtp.mail", "smtp.mfrom", "smtp.envfrom")


class TrustedResults(NamedTuple):
    """The results of trusted hosts, each empty where none of them says anything.

    `dmarc`, `spf` and `arc` are results as RFC 8601 names them, in lower case ("pass", "fail", "none", "softfail",
    "temperror" ...); `dkim` is "pass" if any signature passed, else the first result. Domains are in lower case:
    `dmarc_domain` from header.from, `spf_domain` from smtp.mailfrom, or smtp.helo where only that was looked at. The
    DKIM domains are the signers' (header.d, or the domain of header.i where that alone is given), each once and in
    their order; `dkim_identities` are the header.i values of passing signatures. A domain whose signatures differ is in
    `dkim_pass_domains` and in `dkim_fail_domains`.
    """

    dmarc: str = ""
    dmarc_domain: str = ""
    spf: str = ""
    spf_domain: str = ""
    dkim: str = ""
    dkim_pass_domains: tuple[str, ...] = ()
    dkim_fail_domains: tuple[str, ...] = ()
    dkim_identities: tuple[str, ...] = ()
    arc: str = ""
    contradictory: bool = False
    authserv_ids: tuple[str, ...] = ()

    @property
    def present(self) -> bool:
        """Whether a trusted host has left any field."""
        return bool(self.authserv_ids)


NO_RESULTS = TrustedResults()


def is_trusted(field: AuthenticationResults, trusted_authserv_ids: Collection[str]) -> bool:
    """Whether the field bears one of these ids, which are in lower case. No field without an id is trusted."""
    return field.authserv_id != "" and field.authserv_id.lower() in trusted_authserv_ids


def trusted_results_in(section: HeaderSection, trusted: frozenset[str]) -> TrustedResults:
    """What the hosts of these authserv-ids, in lower case, have found according to a header."""
    if not trusted or _NAME not in section.names:
        return NO_RESULTS
    if section.names.count(_NAME) == 1:
        (value,) = section.values(_NAME)
        if len(value) <= MAX_REMEMBERED_SIZE:
            if b"header.b=" in value and b'"' not in value:
                authserv_id, semicolon, results = value.partition(b";")
                value = authserv_id + semicolon + _SIGNATURE.sub(b"x", results)
            return _remembered(value, is_hidden(section, section.names.index(_NAME)), trusted)
    return trusted_results_from(read_all_authentication_results(section), trusted)


@lru_cache(maxsize=MAX_REMEMBERED)
def _remembered(value: bytes, hidden: bool, trusted: frozenset[str]) -> TrustedResults:  # noqa: FBT001 - a cache's key
    return trusted_results_from((read_only_authentication_results(value, hidden=hidden),), trusted)


def trusted_results_from(fields: Iterable[AuthenticationResults], trusted: Collection[str]) -> TrustedResults:
    """Sum up what fields with a trusted authserv-id (`trusted`, in lower case) say; `fields` are topmost first."""
    own = [field for field in fields if is_trusted(field, trusted)]
    if not own:
        return NO_RESULTS
    claims = _claims(own)
    dmarc, dmarc_forged = _decide(claims.get("dmarc", ()), _dmarc_domain)
    spf, spf_forged = _decide(_preferred(claims.get("spf", ())), _spf_domain)
    arc, arc_forged = _decide(claims.get("arc", ()), lambda _: "")
    signatures, dkim_forged = _signatures(claims.get("dkim", ()))
    passed = [found for found in signatures if found.result == "pass"]
    return TrustedResults(
        dmarc=dmarc.result if dmarc else "",
        dmarc_domain=_dmarc_domain(dmarc) if dmarc else "",
        spf=spf.result if spf else "",
        spf_domain=_spf_domain(spf) if spf else "",
        dkim="pass" if passed else signatures[0].result if signatures else "",
        dkim_pass_domains=_signers(passed),
        dkim_fail_domains=_signers([found for found in signatures if found.result != "pass"]),
        dkim_identities=_each_once([found.properties.get("header.i", "") for found in passed]),
        arc=arc.result if arc else "",
        contradictory=dmarc_forged or spf_forged or arc_forged or dkim_forged,
        authserv_ids=_each_once([field.authserv_id.lower() for field in own]),
    )


class _Claim(NamedTuple):
    """The results of one method in one field, and whether a "pass" among them counts."""

    hop: int
    credible: bool
    results: list[MethodResult]

    @property
    def counted(self) -> list[MethodResult]:
        return self.results if self.credible else [one for one in self.results if one.result != "pass"]


def _claims(own: Iterable[AuthenticationResults]) -> dict[str, list[_Claim]]:
    """Of each method its claims, topmost first."""
    claims: dict[str, list[_Claim]] = {}
    for field in own:
        found: dict[str, list[MethodResult]] = {}
        for result in field.results:
            found.setdefault(result.method, []).append(result)
        for method, results in found.items():
            above = claims.setdefault(method, [])
            credible = not field.ambiguous and (not above or above[-1].credible)
            above.append(_Claim(field.hop, credible, results))
    return claims


def _preferred(claims: Sequence[_Claim]) -> list[_Claim]:
    """Of SPF: HELO and MAIL FROM are two identities, and where a field has both, the second is the sender's."""
    return [
        _Claim(claim.hop, claim.credible, [one for one in claim.results if _mail_from(one)] or claim.results)
        for claim in claims
    ]


def _decide(claims: Sequence[_Claim], subject: Callable[[MethodResult], str]) -> tuple[MethodResult | None, bool]:
    """The result that counts, and whether another one says "pass" of the same subject where it does not."""
    for claim in claims:
        if found := claim.counted:
            break
    else:
        return None, False
    for decided in found:
        if decided.result != "pass":
            break
    else:
        return found[0], False
    about = (subject(decided), "")
    return decided, any(one.result == "pass" and subject(one) in about for claim in claims for one in claim.results)


def _signatures(claims: Sequence[_Claim]) -> tuple[list[MethodResult], bool]:
    """The DKIM results that count, and whether an older or ambiguous one says "pass" where these do not."""
    if len(claims) == 1 and claims[0].credible:
        return claims[0].results, False
    found = [one for claim in claims if claim.hop == claims[0].hop for one in claim.counted]
    passed = {_signer(one) for one in found if one.result == "pass"}
    failed = {_signer(one) for one in found if one.result != "pass"} - passed
    unsigned = any(one.result == "none" for one in found)
    claimed = {_signer(one) for claim in claims for one in claim.results if one.result == "pass"} - passed
    return found, bool(claimed & failed or (unsigned and claimed))


def _signers(signatures: Iterable[MethodResult]) -> tuple[str, ...]:
    return _each_once(list(map(_signer, signatures)))


def _each_once(values: Sequence[str]) -> tuple[str, ...]:
    """In their order, without empty ones."""
    if len(values) < 2:
        return tuple(values) if values and values[0] else ()
    return tuple(dict.fromkeys(filter(None, values)))


def _signer(found: MethodResult) -> str:
    """The signing domain (RFC 6376, 3.5): d=, in whose name i= speaks."""
    return _domain(found.properties.get("header.d") or found.properties.get("header.i", ""))


def _dmarc_domain(found: MethodResult) -> str:
    return _domain(found.properties.get("header.from") or found.properties.get("d", ""))


def _spf_domain(found: MethodResult) -> str:
    return _domain(_mail_from(found) or found.properties.get("smtp.helo", ""))


def _mail_from(found: MethodResult) -> str:
    properties = found.properties
    for name in _MAIL_FROM:
        if value := properties.get(name):
            return value
    return ""


def _domain(value: str) -> str:
    """Of an address, with or without angle brackets, or of a domain alone; some hosts write "none" where is none."""
    domain = value.rpartition("@")[2].strip("<>").rstrip(".").lower()
    return "" if domain == "none" else domain
