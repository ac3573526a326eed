"""Accounts and the user, as SDK users ask for them to find ids. Cloudflare API, "Accounts" and "User"."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from sosie.access.errors import Forbidden
from sosie.api.call import Call
from sosie.api.envelope import Answer
from sosie.api.parameters import LAST_PAGE, Parameter
from sosie.api.routes import Route
from sosie.store import accounts, users
from sosie.store.accounts import Account
from sosie.store.errors import NoSuchAccount

LIST_PARAMETERS = (
    Parameter("name", "string", "Only the account of this name.", max_length=100),
    Parameter("page", "integer", "Page number of the results.", default=1, minimum=1, maximum=LAST_PAGE),
    Parameter("per_page", "integer", "The number of results per page.", default=20, minimum=5, maximum=50),
    Parameter("direction", "string", "The sorting direction.", default="asc", choices=("asc", "desc")),
)


def to_wire(account: Account) -> dict[str, Any]:
    """An account as the wire shows it."""
    return {
        "created_on": account.created_on,
        "id": account.id,
        "name": account.name,
        "settings": {"abuse_contact_email": None, "enforce_twofactor": False},
        "type": "standard",
    }


async def list_accounts(call: Call) -> Answer:
    """The accounts that the caller can see."""
    query = call.query(LIST_PARAMETERS)
    seen = await _seen(call)
    found = [account for account in seen if query["name"] in (None, "", account.name)]
    if query["direction"] == "desc":
        found.reverse()
    first = (query["page"] - 1) * query["per_page"]
    shown = found[first : first + query["per_page"]]
    info = {
        "count": len(shown),
        "page": query["page"],
        "per_page": query["per_page"],
        "total_count": len(seen),
        "total_pages": -(-len(found) // query["per_page"]),
    }
    return Answer([to_wire(account) for account in shown], info=info)


async def get_account(call: Call) -> Answer:
    """One account."""
    return Answer(to_wire(await accounts.look_up(call.services.database.reader, call.account_id)))


async def get_user(call: Call) -> Answer:
    """The user whose e-mail and key were sent; a token belongs to an account and has no user."""
    if not call.caller.email:
        raise Forbidden
    user = await users.by_email(call.services.database.reader, call.caller.email)
    if user is None:
        raise Forbidden
    reader = call.services.database.reader
    organizations = [await accounts.look_up(reader, account_id) for account_id in user.accounts]
    return Answer(
        {
            "betas": [],
            "country": None,
            "email": user.email,
            "first_name": None,
            "has_business_zones": False,
            "has_enterprise_zones": False,
            "has_pro_zones": False,
            "id": user.id,
            "last_name": None,
            "organizations": [
                {"id": account.id, "name": account.name, "permissions": [], "roles": [], "status": "member"}
                for account in organizations
            ],
            "suspended": False,
            "telephone": None,
            "two_factor_authentication_enabled": False,
            "two_factor_authentication_locked": False,
            "zipcode": None,
        }
    )


async def _seen(call: Call) -> list[Account]:
    """The accounts that the caller can see, oldest first; all of them are read only for whoever can see them all."""
    reader = call.services.database.reader
    named, every = call.caller.accounts()
    if every:
        return await accounts.read_all(reader)
    found = []
    for account_id in named:
        with suppress(NoSuchAccount):  # a policy may name what is not there
            found.append(await accounts.look_up(reader, account_id))
    return sorted(found)


ROUTES = (
    Route("GET", "/accounts", list_accounts, "account_list_accounts", "List accounts",
          "Returns the accounts that the credential can see.", "Accounts",
          result="Account", parameters=LIST_PARAMETERS, paged=True),
    Route("GET", "/accounts/{account_id}", get_account, "account_get_account", "Account details",
          "Returns one account.", "Accounts", result="Account"),
    Route("GET", "/user", get_user, "user_user_details", "User details",
          "Returns the user whose e-mail and key were sent.", "User", result="User"),
)  # fmt: skip
