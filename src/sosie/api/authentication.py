"""From headers to a caller: look the credential up, see whether it is valid now, count the request.

What was looked up is kept until the database says that some credential may have changed (`access_stamp`); a token that
is revoked anywhere is refused everywhere at the next request. Should that word never come (a connection that died
without anybody noticing, a pooler that swallows notifications), it is refused within TRUST_SECONDS. It is kept under
a keyed hash of the headers as they came, whose key lives as long as the process: quick to find, and no secret is kept.
When a token was last used is noted in memory and written down now and then, so that no request pays for it with a
write.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from hashlib import blake2s
from typing import NamedTuple

from sosie.access.client_address import neighbourhood
from sosie.access.credentials import Caller, Presented, read_credentials
from sosie.access.errors import UnknownCredentials
from sosie.access.rate_limit import Allowance, RateLimit, tag_of
from sosie.access.tokens import ACTIVE, Token, admit, digest
from sosie.registry.moments import to_rfc3339_seconds
from sosie.store import tokens, users
from sosie.store.database import Database
from sosie.store.errors import StoreAway

MAX_KNOWN = 10_000  # callers kept; a few kilobytes each
TRUST_SECONDS = 5  # one more read per credential in so long a time
PATIENT_SECONDS = 86_400  # a day without the database, through which mail is judged for callers known before
CREDENTIAL_HEADERS = (b"authorization", b"x-auth-email", b"x-auth-key")
_ABSENT = b"\0"  # what no header can hold


class _Known(NamedTuple):
    """`tag` is what its requests are counted by; `bound` says that it is valid at some times or from some addresses
    only."""

    stamp: int | None
    since: int
    caller: Caller
    tag: int
    bound: bool


class Admission(NamedTuple):
    """`allowance` is None where no rate limit is set."""

    caller: Caller
    allowance: Allowance | None


class Authenticator:
    """Knows the callers of one database."""

    def __init__(self, database: Database, secret_key: bytes, rate_limit: RateLimit) -> None:
        self._database = database
        self._secret_key = secret_key
        self._rate_limit = rate_limit
        self._known: dict[bytes, _Known] = {}
        self._sealing_key = os.urandom(32)
        self._used: dict[str, int] = {}

    async def admit(
        self, headers: Mapping[bytes, bytes], client_address: str, *, counted: bool = True, patient: bool = False
    ) -> Admission:
        """The caller of a request with these headers, the request counted.

        With `patient`, a caller that was known before the database went away is let in while it is: judging mail must
        go on, and reveals nothing that is stored. `counted` is false for what has no rate limit.

        Raises MissingCredentials, MalformedCredentials, UnknownCredentials, ForbiddenAddress, RateLimited, StoreAway.
        """
        now = int(time.time())
        try:
            known = self._recall(headers, now) or await self._read_or_remember(headers, now, patient=patient)
            caller = known.caller
            if caller.token is not None:
                if known.bound:
                    admit(caller.token, to_rfc3339_seconds(now), client_address)
                self._used[caller.token.id] = now
        except UnknownCredentials:
            # Guessing is counted by address: a stranger gets as many tries as a caller gets requests.
            self._count_address(client_address, now)
            raise
        limited = counted and self._rate_limit.limit
        return Admission(caller, self._rate_limit.spend(known.tag, now) if limited else None)

    def recall(self, headers: Mapping[bytes, bytes]) -> Caller | None:
        """The caller of a request that is not counted, where `admit` would have nothing to read and nothing to refuse;
        else None."""
        now = int(time.time())
        known = self._recall(headers, now)
        if known is None or known.bound:
            return None
        if known.caller.token is not None:
            self._used[known.caller.token.id] = now
        return known.caller

    def digest_of(self, presented: Presented) -> str:
        """By what the credential is known in the database."""
        if presented.email:
            return digest(self._secret_key, f"key {presented.email}", presented.secret)
        return digest(self._secret_key, "token", presented.secret)

    async def look_up(self, presented: Presented, client_address: str) -> Caller:
        """The caller, whatever the state of its token; counted by address. Raises UnknownCredentials, RateLimited."""
        self._count_address(client_address, int(time.time()))
        return await self._caller(self.digest_of(presented), presented)

    def forget(self) -> None:
        """This process has just changed a credential."""
        self._known.clear()

    async def note_use(self) -> None:
        """Write down when tokens were last used."""
        used, self._used = self._used, {}
        if not used:
            return
        moments = {token_id: to_rfc3339_seconds(moment) for token_id, moment in used.items()}
        try:
            await self._database.write(lambda session: tokens.note_use(session, moments))
        except StoreAway:
            self._used = used | self._used  # for the next time
            raise

    def _count_address(self, address: str, now: int) -> None:
        if self._rate_limit.limit:
            self._rate_limit.spend(tag_of(digest(self._secret_key, "address", neighbourhood(address))), now)

    def _recall(self, headers: Mapping[bytes, bytes], now: int) -> _Known | None:
        known = self._known.get(self._seal(headers))
        if known is None or known.stamp != self._database.access_stamp():
            return None
        return known if known.since <= now < known.since + TRUST_SECONDS else None

    async def _read_or_remember(self, headers: Mapping[bytes, bytes], now: int, *, patient: bool) -> _Known:
        try:
            return await self._read(headers, now)
        except StoreAway:
            known = self._known.get(self._seal(headers))
            if not patient or known is None or not known.since <= now < known.since + PATIENT_SECONDS:
                raise
            return known

    async def _read(self, headers: Mapping[bytes, bytes], now: int) -> _Known:
        presented = read_credentials(*(headers.get(name) for name in CREDENTIAL_HEADERS))
        mark = self.digest_of(presented)
        stamp = self._database.access_stamp()  # before the reading: what changes meanwhile is read again
        caller = await self._caller(mark, presented)
        known = _Known(stamp, now, caller, tag_of(mark), caller.token is not None and _is_bound(caller.token))
        if stamp is not None:
            if len(self._known) >= MAX_KNOWN:
                self._known.clear()
            self._known[self._seal(headers)] = known
        return known

    def _seal(self, headers: Mapping[bytes, bytes]) -> bytes:
        authorization, email, key = CREDENTIAL_HEADERS
        presented = (headers.get(authorization, _ABSENT), headers.get(email, _ABSENT), headers.get(key, _ABSENT))
        return blake2s(b"\n".join(presented), key=self._sealing_key).digest()

    async def _caller(self, mark: str, presented: Presented) -> Caller:
        return await (self._read_user(mark) if presented.email else self._read_token(mark))

    async def _read_token(self, mark: str) -> Caller:
        token = await tokens.by_digest(self._database.reader, mark)
        if token is None:
            raise UnknownCredentials("token")
        return Caller(f"token:{token.id}", token=token)

    async def _read_user(self, mark: str) -> Caller:
        user = await users.by_key(self._database.reader, mark)
        if user is None:
            raise UnknownCredentials("key")
        return Caller(f"user:{user.email}", user_id=user.id, email=user.email, memberships=frozenset(user.accounts))


def _is_bound(token: Token) -> bool:
    return bool(token.expires_on or token.not_before or token.condition or token.status != ACTIVE)
