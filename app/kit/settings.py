"""Every setting of the program: one typed class, read from the environment (prefix `VOLTLANE_`) or a `.env` file.

Nothing else reads the environment. Each default runs on a fresh machine with no key and no account; production mode
refuses what only suits a developer's machine. `docs/settings.md` is generated from the descriptions here.
"""

import os
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from app.kit.errors import ConfigurationError

DEVELOPMENT_SECRET = "voltlane-development-secret-do-not-use-in-production"  # noqa: S105  public on purpose
_EMULATOR_VARIABLES = ("FIREBASE_AUTH_EMULATOR_HOST", "FIRESTORE_EMULATOR_HOST")


class Mode(StrEnum):
    """What the process may assume about where it runs."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


def _default_data_dir() -> Path:
    """Return the data folder: the embedded database opens its parents to its own user, so root gets none below
    /root.
    """
    return Path("/var/lib/voltlane") if os.geteuid() == 0 else Path.home() / ".local/share/voltlane"


def _either(name: str) -> AliasChoices:
    """Accept the plain name other programs use as well as ours."""
    return AliasChoices(f"VOLTLANE_{name}", name)


class Settings(BaseSettings):
    """All settings. A field `x_y` is set by `VOLTLANE_X_Y`."""

    model_config = SettingsConfigDict(env_prefix="VOLTLANE_", env_file=".env", extra="ignore", populate_by_name=True)

    mode: Mode = Field(Mode.DEVELOPMENT, description="`development` (loopback only, doubles) or `production`.")
    host: str = Field("127.0.0.1", description="Address the server binds to.")
    port: int = Field(8080, ge=0, le=65535, description="Port of the API and the OCPP endpoint.")
    public_url: str | None = Field(None, description="Address under which apps and chargers reach the server.")
    data_dir: Path = Field(
        default_factory=_default_data_dir,
        description="Folder of the embedded database, the doubles and receipts.",
    )
    default_tenant: str = Field("default", description="Slug of the brand used where a request names none.")
    secret_key: SecretStr = Field(
        SecretStr(DEVELOPMENT_SECRET),
        min_length=32,
        description="Signs access tokens and cursors; 32+ characters.",
    )
    previous_secret_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="The secret before its last change: what it signed stays valid until it expires.",
    )

    database_url: SecretStr | None = Field(
        None,
        validation_alias=_either("DATABASE_URL"),
        description="PostgreSQL (15 or newer) as the role of the server; embedded PostgreSQL where unset.",
    )
    database_bridge_url: SecretStr | None = Field(
        None, description="The same database as the role of the OCPP bridge (needed with `DATABASE_URL`)."
    )
    database_owner_url: SecretStr | None = Field(
        None, description="The same database as the owner of the tables, for `voltlane migrate` only."
    )
    database_pool_size: int = Field(10, ge=2, le=200, description="Connections kept by each pool of a process.")

    access_token_minutes: int = Field(15, ge=1, le=120, description="Lifetime of an access token.")
    refresh_token_days: int = Field(60, ge=1, le=400, description="Lifetime of a refresh token family's last token.")
    guest_token_hours: int = Field(48, ge=1, le=720, description="Lifetime of a guest's token.")
    firebase_project: str | None = Field(None, description="Firebase project whose ID tokens may sign in.")
    firebase_credentials: Path | None = Field(
        None, description="Service account file: real push through FCM; the FCM double where unset."
    )

    stripe_secret_key: SecretStr | None = Field(
        None, description="Stripe secret key; the built-in Stripe double where unset."
    )
    stripe_publishable_key: str = Field("pk_test_voltlane_double", description="Handed to the app's payment sheet.")
    stripe_webhook_secrets: Annotated[list[SecretStr], NoDecode] = Field(
        default_factory=list,
        description="Webhook signing secrets, separated by commas (several while rotating).",
    )
    stripe_api_base: str | None = Field(
        None, description="Address of a running Stripe double; set by `voltlane up` itself where needed."
    )
    fcm_api_base: str | None = Field(None, description="Address of a running FCM double; set by `voltlane up` itself.")

    smtp_host: str | None = Field(
        None, description="SMTP server; mails go to a maildir in the data folder where unset."
    )
    smtp_port: int = Field(587, ge=1, le=65535, description="Port of the SMTP server.")
    smtp_user: str | None = Field(None, description="User name at the SMTP server.")
    smtp_password: SecretStr | None = Field(None, description="Password at the SMTP server.")
    smtp_starttls: bool = Field(True, description="Whether the SMTP connection must switch to TLS.")
    mail_from: str = Field("Voltlane <no-reply@voltlane.invalid>", description="Sender of e-mails.")

    default_hold_minor: int = Field(
        5000,
        ge=100,
        description="Hold at the start where neither driver nor tariff says one, in minor units.",
    )
    command_timeout_seconds: int = Field(30, ge=1, le=300, description="Deadline of a command to a charger.")
    connection_timeout_seconds: int = Field(
        60, ge=5, le=600, description="Time a driver has to plug in after a remote start was accepted."
    )
    payment_action_minutes: int = Field(5, ge=1, le=60, description="Time a driver has to authenticate the card.")
    reservation_minutes: int = Field(30, ge=1, le=240, description="Length of a reservation where none is asked for.")
    heartbeat_seconds: int = Field(60, ge=10, le=86400, description="Heartbeat interval told to chargers.")
    sample_interval_seconds: int = Field(30, ge=1, le=900, description="Meter sample interval set on chargers.")
    offline_after_seconds: int = Field(
        180, ge=30, description="Silence after which a charger's socket is dropped; at least three heartbeats."
    )
    frame_retention_days: int = Field(90, ge=1, le=3650, description="How long raw OCPP frames are kept.")
    allow_security_profile_0: bool = Field(False, description="Admit chargers without a password (profile 0).")
    sweep_seconds: Decimal = Field(Decimal(5), gt=0, description="Pause between two rounds of the reconcile jobs.")
    log_level: str = Field("INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$", description="Least level that is logged.")
    log_json: bool | None = Field(None, description="JSON log lines; by default only where output is no terminal.")

    @model_validator(mode="before")
    @classmethod
    def _split_lists(cls, values: Any) -> Any:
        if isinstance(values, dict):
            for name in ("stripe_webhook_secrets", "VOLTLANE_STRIPE_WEBHOOK_SECRETS"):
                if isinstance(values.get(name), str):
                    values[name] = [part.strip() for part in values[name].split(",") if part.strip()]
        return values

    @model_validator(mode="after")
    def _fits_the_mode(self) -> Self:
        problems = list(self._production_problems() if self.mode is Mode.PRODUCTION else self._development_problems())
        if self.database_url is not None and self.database_bridge_url is None:
            problems.append("VOLTLANE_DATABASE_BRIDGE_URL is needed with DATABASE_URL")
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _development_problems(self) -> Iterable[str]:
        if self.host not in ("127.0.0.1", "::1", "localhost"):
            yield "VOLTLANE_HOST: development mode serves loopback only; set VOLTLANE_MODE=production to serve others"
        if self.stripe_secret_key is not None and "_live_" in self.stripe_secret_key.get_secret_value():
            yield "VOLTLANE_STRIPE_SECRET_KEY: a live key in development mode would charge real cards"

    def _production_problems(self) -> Iterable[str]:
        """Yield what only suits a developer's machine."""
        stripe_key = self.stripe_secret_key.get_secret_value() if self.stripe_secret_key else ""
        refusals = {
            "VOLTLANE_SECRET_KEY: the default secret is public": self.secret_key.get_secret_value()
            == DEVELOPMENT_SECRET,
            "VOLTLANE_PREVIOUS_SECRET_KEY: the default secret is public": self.previous_secret_key is not None
            and self.previous_secret_key.get_secret_value() == DEVELOPMENT_SECRET,
            "DATABASE_URL: missing; the embedded database is for development": self.database_url is None,
            "VOLTLANE_STRIPE_SECRET_KEY: missing; the Stripe double is for development": not stripe_key,
            "VOLTLANE_STRIPE_SECRET_KEY: a test key takes no real money": "_test_" in stripe_key,
            "VOLTLANE_STRIPE_PUBLISHABLE_KEY: a test key takes no real money": "_test_" in self.stripe_publishable_key,
            "VOLTLANE_STRIPE_WEBHOOK_SECRETS: missing; payments stay unconfirmed": not self.stripe_webhook_secrets,
            "VOLTLANE_STRIPE_API_BASE: leads to a double, which is for development": self.stripe_api_base is not None,
            "VOLTLANE_FCM_API_BASE: leads to a double, which is for development": self.fcm_api_base is not None,
            "VOLTLANE_FIREBASE_CREDENTIALS: missing; the FCM double is for development": self.firebase_credentials
            is None,
            "VOLTLANE_SMTP_HOST: missing; the mail double is for development": self.smtp_host is None,
        }
        yield from (message for message, refused in refusals.items() if refused)
        for name in _EMULATOR_VARIABLES:
            if os.environ.get(name):
                yield f"{name}: emulators are for development"

    @property
    def sweep_interval(self) -> timedelta:
        """The pause between two rounds of the reconcile jobs."""
        return timedelta(microseconds=int(self.sweep_seconds * 1_000_000))

    @property
    def base_url(self) -> str:
        """The server's own address, without a slash at the end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")


def load_settings(**overrides: Any) -> Settings:
    """Read the settings; keyword arguments (command line options) win over the environment.

    Raises ConfigurationError whose message names every bad value.
    """
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        lines = []
        for problem in error.errors():
            name = ".".join(str(part) for part in problem["loc"])
            told = str(problem["msg"]).removeprefix("Value error, ")
            lines += [f"{_variable(name)}: {told}"] if name else told.splitlines()
        raise ConfigurationError("bad settings:\n  " + "\n  ".join(lines)) from None


def _variable(field: str) -> str:
    upper = field.upper()
    return upper if upper.startswith("VOLTLANE_") or upper == "DATABASE_URL" else f"VOLTLANE_{upper}"
