"""Settings: environment variables and flags -> one frozen value, read here and passed down.

Nothing below this room reads the environment. Every setting stands in docs/configuration.md, and a test says so.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

_NOBODY = "none"  # of SOSIE_AUTHSERV_IDS: no host is believed, and none is learnt

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class ConfigError(ValueError):
    """A setting that cannot be used; the message names it and says what it takes."""


class Setting(NamedTuple):
    """One environment variable: what it is called, what it is when absent, and what it means."""

    variable: str
    default: str
    meaning: str


SETTINGS = (
    Setting("SOSIE_DATA_DIR", ".sosie", "folder of the embedded database and of the secret key"),
    Setting("SOSIE_DATABASE_URL", "", "postgresql://… to use PostgreSQL instead of the embedded SQLite"),
    Setting("SOSIE_SECRET_KEY", "", "64 hex digits that key the hashes of tokens and API keys; else a file"),
    Setting(
        "SOSIE_SECRET_KEY_FILE", "", "file with the secret key; else secret.key in the data folder, made at first use"
    ),
    Setting("SOSIE_LISTEN", "127.0.0.1:8787", "address of the API and the pages"),
    Setting("SOSIE_ADMIN_LISTEN", "127.0.0.1:8788", "address of /metrics, /livez and /readyz; empty for none"),
    Setting("SOSIE_WORKERS", "1", "processes that serve"),
    Setting("SOSIE_RATE_LIMIT_REQUESTS", "1200", "requests per window and credential; 0 for no limit"),
    Setting("SOSIE_RATE_LIMIT_SECONDS", "300", "length of that window in seconds"),
    Setting("SOSIE_TRUSTED_PROXIES", "", "networks whose X-Forwarded-For is believed, separated by commas"),
    Setting(
        "SOSIE_AUTHSERV_IDS",
        "",
        "hosts whose Authentication-Results are believed (RFC 8601), separated by commas; none for nobody",
    ),
    Setting("SOSIE_SNAPSHOT_DIR", "", "folder of the last snapshots; else snapshots in the data folder"),
    Setting("SOSIE_FAIL", "open", "a message that cannot be judged: open lets it in, closed puts it off"),
    Setting("SOSIE_VERIFY", "no", "missing: verify DKIM, SPF and DMARC here where no trusted host has (extra auth)"),
    Setting("SOSIE_MILTER_LISTEN", "", "address of the milter: inet:HOST:PORT or unix:PATH; empty for none"),
    Setting("SOSIE_MILTER_ADMIN_LISTEN", "", "the same as SOSIE_ADMIN_LISTEN for `sosie milter`; empty for none"),
    Setting("SOSIE_MILTER_ACCOUNT", "", "account whose registry the milter judges by; else the only one"),
    Setting("SOSIE_SUBJECT_PREFIX", "", "what is put before the Subject of a tagged message, such as [FRAUD?]"),
    Setting("SOSIE_RECORD", "flagged", "which messages are recorded: flagged, all or none"),
    Setting("SOSIE_RECORD_DAYS", "30", "days after which a record is removed"),
    Setting("SOSIE_RECORD_MAX", "100000", "records of an account; of more, the oldest go"),
    Setting("SOSIE_RECORD_RAW", "0", "octets of each recorded message that are kept as they came; 0 for none"),
    Setting("SOSIE_ALERTS", "new", "what the outputs tell: new (once per entry and address) or all that is flagged"),
    Setting("SOSIE_ALERT_FILE", "", "file that alerts are appended to, a JSON line each; empty for none"),
    Setting("SOSIE_ALERT_SYSLOG", "", "unix:/dev/log, udp:HOST:PORT or tcp:HOST:PORT; empty for none"),
    Setting("SOSIE_WEBHOOK_URL", "", "https://… that alerts are sent to; empty for none"),
    Setting("SOSIE_WEBHOOK_SECRET_FILE", "", "file with the secret that signs what is sent there"),
    Setting("SOSIE_LOG_FORMAT", "auto", "json, readable, or auto: readable on a terminal"),
    Setting("SOSIE_LOG_LEVEL", "info", "debug, info, warning or error"),
)


class Config(NamedTuple):
    """Everything that can be set, checked."""

    data_dir: Path
    database_url: str
    secret_key: str
    secret_key_file: Path
    listen: tuple[str, int]
    admin_listen: tuple[str, int] | None
    workers: int
    rate_limit_requests: int
    rate_limit_seconds: int
    trusted_proxies: tuple[Network, ...]
    authserv_ids: frozenset[str]
    learns_hosts: bool
    snapshot_dir: Path
    fail_closed: bool
    verify_missing: bool
    milter_listen: str
    milter_admin_listen: tuple[str, int] | None
    milter_account: str
    subject_prefix: str
    record: str
    record_days: int
    record_max: int
    record_raw: int
    alerts: str
    alert_file: str
    alert_syslog: str
    webhook_url: str
    webhook_secret_file: str
    log_format: str
    log_level: str


def read_config(environment: Mapping[str, str] | None = None, **overrides: str | None) -> Config:
    """Config from the environment; `overrides` (by variable in lower case without SOSIE_) win, as flags do.

    Raises ConfigError naming the first setting that cannot be used.
    """
    source = os.environ if environment is None else environment
    values = {setting.variable: source.get(setting.variable, "").strip() or setting.default for setting in SETTINGS}
    if source.get("SOSIE_ADMIN_LISTEN") == "":
        values["SOSIE_ADMIN_LISTEN"] = ""  # set to nothing on purpose: no admin address
    for name, value in overrides.items():
        if value is not None:
            values[f"SOSIE_{name.upper()}"] = value
    data_dir = Path(values["SOSIE_DATA_DIR"]).absolute()
    admin, milter_admin = values["SOSIE_ADMIN_LISTEN"], values["SOSIE_MILTER_ADMIN_LISTEN"]
    return Config(
        data_dir=data_dir,
        database_url=_database_url(values["SOSIE_DATABASE_URL"]),
        secret_key=values["SOSIE_SECRET_KEY"],
        secret_key_file=Path(values["SOSIE_SECRET_KEY_FILE"] or data_dir / "secret.key"),
        listen=_address("SOSIE_LISTEN", values["SOSIE_LISTEN"]),
        admin_listen=_address("SOSIE_ADMIN_LISTEN", admin) if admin else None,
        workers=_number("SOSIE_WORKERS", values["SOSIE_WORKERS"], 1, 256),
        rate_limit_requests=_number("SOSIE_RATE_LIMIT_REQUESTS", values["SOSIE_RATE_LIMIT_REQUESTS"], 0, 2**31 - 1),
        rate_limit_seconds=_number("SOSIE_RATE_LIMIT_SECONDS", values["SOSIE_RATE_LIMIT_SECONDS"], 1, 86_400),
        trusted_proxies=_networks("SOSIE_TRUSTED_PROXIES", values["SOSIE_TRUSTED_PROXIES"]),
        authserv_ids=_names(values["SOSIE_AUTHSERV_IDS"]) - {_NOBODY},
        learns_hosts=_NOBODY not in _names(values["SOSIE_AUTHSERV_IDS"]),
        snapshot_dir=Path(values["SOSIE_SNAPSHOT_DIR"] or data_dir / "snapshots").absolute(),
        fail_closed=_choice("SOSIE_FAIL", values["SOSIE_FAIL"], ("open", "closed")) == "closed",
        verify_missing=_choice("SOSIE_VERIFY", values["SOSIE_VERIFY"], ("no", "missing")) == "missing",
        milter_listen=values["SOSIE_MILTER_LISTEN"],
        milter_admin_listen=_address("SOSIE_MILTER_ADMIN_LISTEN", milter_admin) if milter_admin else None,
        milter_account=values["SOSIE_MILTER_ACCOUNT"],
        subject_prefix=values["SOSIE_SUBJECT_PREFIX"],
        record=_choice("SOSIE_RECORD", values["SOSIE_RECORD"], ("flagged", "all", "none")),
        record_days=_number("SOSIE_RECORD_DAYS", values["SOSIE_RECORD_DAYS"], 1, 36_500),
        record_max=_number("SOSIE_RECORD_MAX", values["SOSIE_RECORD_MAX"], 1, 100_000_000),
        record_raw=_number("SOSIE_RECORD_RAW", values["SOSIE_RECORD_RAW"], 0, 32 << 20),
        alerts=_choice("SOSIE_ALERTS", values["SOSIE_ALERTS"], ("new", "all")),
        alert_file=values["SOSIE_ALERT_FILE"],
        alert_syslog=values["SOSIE_ALERT_SYSLOG"],
        webhook_url=_webhook(values["SOSIE_WEBHOOK_URL"]),
        webhook_secret_file=values["SOSIE_WEBHOOK_SECRET_FILE"],
        log_format=_choice("SOSIE_LOG_FORMAT", values["SOSIE_LOG_FORMAT"], ("auto", "json", "readable")),
        log_level=_choice("SOSIE_LOG_LEVEL", values["SOSIE_LOG_LEVEL"], ("debug", "info", "warning", "error")),
    )


def _database_url(text: str) -> str:
    if text and not text.startswith(("postgresql://", "postgres://")):
        raise ConfigError("SOSIE_DATABASE_URL must start with postgresql:// (leave it empty for SQLite)")
    return text


def _webhook(text: str) -> str:
    if text and not text.startswith(("https://", "http://")):
        raise ConfigError("SOSIE_WEBHOOK_URL must start with https:// (http:// where the way there is your own)")
    return text


def _address(variable: str, text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65_535:
        raise ConfigError(f"{variable} must read HOST:PORT, such as 127.0.0.1:8787, not {text!r}")
    return host.strip("[]") or "127.0.0.1", int(port)


def _names(text: str) -> frozenset[str]:
    return frozenset(name for part in text.split(",") if (name := part.strip().lower()))


def _number(variable: str, text: str, low: int, high: int) -> int:
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ConfigError(f"{variable} must be a whole number from {low} to {high}, not {text!r}")
    return int(text)


def _choice(variable: str, text: str, choices: tuple[str, ...]) -> str:
    if text.lower() not in choices:
        raise ConfigError(f"{variable} must be one of {', '.join(choices)}, not {text!r}")
    return text.lower()


def _networks(variable: str, text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ConfigError(f"{variable} must list networks such as 10.0.0.0/8: {error}") from None
