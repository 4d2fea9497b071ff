"""The settings of an operator, read from the environment once, at the start."""

from __future__ import annotations

import os
from dataclasses import fields
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableError

from db.feed.wakeup import wakeup_address
from db.retention import LEAST_AUDIT_MONTHS, LEAST_MONTHS
from db.store.data_folder import default_data
from db.store.url import UrlError, asyncpg_dsn
from graph.limits import Limits
from notify.mail import MailServer
from rules.command_error import CommandError

PREFIX: Final = "HUSHI_"
LIMIT: Final = f"{PREFIX}LIMIT"
_LIMIT_NAMES: Final = f"after {LIMIT}_ may stand {', '.join(one.name.upper() for one in fields(Limits))}"


class SettingsError(CommandError):
    """A setting cannot be used; the text names it, says why, and never repeats a secret."""

    status = 2


def _database(url: str) -> str:
    try:
        asyncpg_dsn(url)
    except UrlError as error:
        raise ValueError(str(error)) from None
    return url


def _networks(given: str | tuple[str, ...]) -> tuple[str, ...]:
    parts = given.split(",") if isinstance(given, str) else given
    return tuple(str(ip_network(part.strip())) for part in parts)


def _mail_server(url: str) -> str:
    MailServer.parse(url)
    return url


MailUrl = Annotated[str, Field(pattern=r"^smtps?://.+$"), AfterValidator(_mail_server)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
LogChoice = Literal["debug", "info", "warning", "error", "json"]


class Settings(BaseSettings):
    """One installation. Every field is the environment's HUSHI_<FIELD>, but for those that say otherwise.

    A field that is not shown may hold a password or a key, and no refusal repeats it. A limit is HUSHI_LIMIT_<LIMIT>.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="_",
        env_nested_max_split=1,
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        validate_by_name=True,
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str | None = Field(default=None, pattern=r"^https?://[^/]+$")
    trusted_proxies: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_networks)] = ()
    known_networks: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_networks)] = ()
    keep_alive: int = Field(default=75, ge=1, le=3600)
    data: Path = Field(default_factory=default_data)
    keys: str | None = Field(default=None, repr=False)
    signing_keys: str | None = Field(default=None, repr=False)
    wakeups: Annotated[str, AfterValidator(wakeup_address)] = Field(default="postgres", repr=False)
    notify: Literal["server", "off"] = "server"
    scheduler: Literal["server", "off"] = "server"
    smtp_url: MailUrl | None = Field(default=None, repr=False)
    sms_gateway: str = Field(default="console", repr=False, pattern=r"^(console|file:.+|https?://.+)$")
    log: Annotated[LogChoice, BeforeValidator(str.lower)] = "info"
    database_url: DatabaseUrl | None = Field(default=None, repr=False, validation_alias="DATABASE_URL")
    database_owner_url: DatabaseUrl | None = Field(default=None, repr=False, validation_alias="DATABASE_OWNER_URL")
    retention_months: int = Field(default=24, ge=LEAST_MONTHS, le=1200)
    audit_months: int = Field(default=LEAST_AUDIT_MONTHS, ge=LEAST_AUDIT_MONTHS, le=1200)
    privacy_notice: Literal["asked", "required"] = "asked"
    help_url: str | None = Field(default=None, pattern=r"^https?://[^#]+$")
    support_phone: str | None = Field(default=None, max_length=40)
    support_mail: str | None = Field(default=None, max_length=254)
    support_hours: str | None = Field(default=None, max_length=100)
    password_min: int = Field(default=8, ge=6, le=64)
    limits: Limits = Field(default=Limits(), validation_alias=LIMIT)

    @property
    def owner_url(self) -> str | None:
        """The address that may change tables: that of the application, unless there is one of its own."""
        return self.database_owner_url or self.database_url

    @property
    def loopback(self) -> bool:
        """True if only this machine reaches the server."""
        try:
            return ip_address(self.host).is_loopback and self.public_url is None
        except ValueError:
            return self.host == "localhost" and self.public_url is None

    @property
    def origin(self) -> str:
        """The address by which people reach this installation."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"


def load() -> Settings:
    """Read the environment; a wrong value is refused in one sentence."""
    try:
        settings = Settings()
    except ValidationError as error:
        raise SettingsError(_sentence(error.errors(include_url=False)[0])) from None
    except UnreadableError:
        raise SettingsError(f"{LIMIT} is no setting: {_LIMIT_NAMES}.") from None
    if "PASSWORD_MIN" in os.environ:
        # Passed over in silence it would allow shorter passwords than somebody has asked for.
        raise SettingsError("PASSWORD_MIN is called HUSHI_PASSWORD_MIN now: set that instead.")
    if settings.database_owner_url and not settings.database_url:
        raise SettingsError("DATABASE_OWNER_URL is set and DATABASE_URL is not: set both, or DATABASE_URL alone.")
    return settings


def variable_of(name: str) -> str:
    """The environment's name of a setting."""
    return str(Settings.model_fields[name].validation_alias or f"{PREFIX}{name.upper()}")


def _sentence(problem: ErrorDetails) -> str:
    first, *inner = map(str, problem["loc"])
    name = next(name for name in Settings.model_fields if first in {name, variable_of(name)})
    variable = "_".join((variable_of(name), *inner)).upper()
    if problem["type"] == "unexpected_keyword_argument":
        return f"{variable} is no limit: {_LIMIT_NAMES}."
    value = "cannot be used" if not Settings.model_fields[name].repr else f"is {problem['input']!r}"
    reason = (
        problem["msg"]
        .removeprefix("Value error, ")
        .replace("Input should", "it should")
        .replace("String should", "it should")
        .rstrip(".")
    )
    return f"{variable} {value}: {reason}."
