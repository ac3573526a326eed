"""Actions: an administrator's word on what is done with a message of each disposition."""

from __future__ import annotations

from sosie.detection.actions import ActionRule
from sosie.registry.moments import to_rfc3339
from sosie.store import accounts, audit
from sosie.store.audit import Change, Deed
from sosie.store.database import Session

MAX_RULES = 10_000  # of an account: each is some 100 octets in every process that screens


class TooManyRules(ValueError):
    """There are MAX_RULES already."""


async def read_all(session: Session, account_no: int) -> list[ActionRule]:
    """Every rule of the account, by domain; those for all domains first."""
    rows = await session.fetch(
        "SELECT domain, disposition, action FROM actions WHERE account_no = $1 ORDER BY domain, disposition", account_no
    )
    return [ActionRule(*row) for row in rows]


async def put(session: Session, account_no: int, rule: ActionRule, deed: Deed) -> None:
    """Set a rule, in place of the one for this domain and disposition. Raises TooManyRules."""
    before = await _read(session, account_no, rule)
    if before == rule:
        return
    if before is None:
        row = await session.fetch_one("SELECT count(*) FROM actions WHERE account_no = $1", account_no)
        if row is not None and row[0] >= MAX_RULES:
            raise TooManyRules(f"there are {MAX_RULES:,} rules already")
    await session.execute(
        "INSERT INTO actions (account_no, domain, disposition, action) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (account_no, domain, disposition) DO UPDATE SET action = excluded.action",
        account_no,
        *rule,
    )
    await _record(session, account_no, Change("action.set", _subject(rule), _plain(before), _plain(rule)), deed)


async def clear(session: Session, account_no: int, domain: str, disposition: str, deed: Deed) -> bool:
    """Remove the rule for this domain and disposition; whether there was one."""
    before = await _read(session, account_no, ActionRule(domain, disposition, ""))
    if before is None:
        return False
    await session.execute(
        "DELETE FROM actions WHERE account_no = $1 AND domain = $2 AND disposition = $3",
        account_no,
        domain,
        disposition,
    )
    await _record(session, account_no, Change("action.clear", _subject(before), before=_plain(before)), deed)
    return True


async def _read(session: Session, account_no: int, rule: ActionRule) -> ActionRule | None:
    await accounts.lock(session, account_no)
    row = await session.fetch_one(
        "SELECT domain, disposition, action FROM actions WHERE account_no = $1 AND domain = $2 AND disposition = $3",
        account_no,
        rule.domain,
        rule.disposition,
    )
    return None if row is None else ActionRule(*row)


async def _record(session: Session, account_no: int, change: Change, deed: Deed) -> None:
    """Bump the account's revision, by which processes that screen learn of it."""
    turn = await accounts.take_turn(session, account_no, deed.moment_us)
    await audit.record(session, account_no, turn.revision, to_rfc3339(turn.last_moment), deed, change)


def _plain(rule: ActionRule | None) -> dict[str, str] | None:
    return None if rule is None else rule._asdict()


def _subject(rule: ActionRule) -> str:
    return f"{rule.domain or '*'} {rule.disposition}"
