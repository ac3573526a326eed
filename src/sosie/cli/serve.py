"""`sosie serve`."""

from __future__ import annotations

import click

from sosie.access.permissions import EMAIL_WRITE, TOKENS_WRITE
from sosie.cli.output import announce
from sosie.config import Config, read_config
from sosie.registry.moments import now_us
from sosie.store import accounts
from sosie.store.audit import Deed
from sosie.store.database import Database, Session
from sosie.store.issue import Grant, issue_token, open_account


@click.command("serve")
@click.option("--listen", metavar="HOST:PORT", help="Address of the API.")
@click.option("--admin-listen", metavar="HOST:PORT", help="Address of metrics and health; empty for none.")
@click.option("--workers", metavar="N", help="Processes that serve.")
@click.option(
    "--first-account", is_flag=True, help="On an empty database, make an account and a token and show them once."
)
def serve_command(listen: str | None, admin_listen: str | None, workers: str | None, first_account: bool) -> int:
    """Serve the API until told to stop."""
    import secrets

    from sosie.serve import serve

    config = read_config(listen=listen, admin_listen=admin_listen, workers=workers)

    async def opened(database: Database, secret_key: bytes) -> None:
        if not first_account or await accounts.read_all(database.reader):
            announce(_running(config))
            return
        deed = Deed("cli:first start", "", now_us())

        async def work(session: Session) -> tuple[str, str]:
            account = await open_account(session, secrets.token_hex(16), "First account", deed)
            grant = Grant("first token", (EMAIL_WRITE.id, TOKENS_WRITE.id), account)
            return account.id, (await issue_token(session, secret_key, grant, deed)).value

        account_id, token = await database.write(work)
        click.echo(_welcome(config, account_id, token))

    try:
        return serve(config, opened)
    except OSError as error:
        raise click.ClickException(f"cannot listen: {error.strerror or error}") from None


def _url(config: Config) -> str:
    host, port = config.listen
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _running(config: Config) -> str:
    return f"sosie answers on {_url(config)} (API {_url(config)}/client/v4, documentation {_url(config)}/docs)"


def _welcome(config: Config, account_id: str, token: str) -> str:
    path = f"{_url(config)}/client/v4/accounts/{account_id}/email-security/settings/impersonation_registry"
    body = '{"name": "Jane Roe", "email": "jane.roe@example.com", "is_email_regex": false}'
    return f"""
{_running(config)}

  account  {account_id}
  token    {token}   (shown this once)

Try it:

  curl {path} \\
    -H 'Authorization: Bearer {token}' \\
    -H 'Content-Type: application/json' \\
    -d '{body}'
"""
