"""Every setting there is. Nothing else in Doable reads the environment."""

from typing import Final

from pydantic import AliasChoices, Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from doable.settings.issuers import Issuers, TrustedIssuer, better_auth, check_issuers
from doable.settings.limits import Throttled
from doable.settings.postgresql import PostgreSQLURL
from doable.settings.secret import SecretKey, SecretKeys
from doable.settings.types import (
    SMTPURL,
    Folder,
    Hosts,
    Networks,
    Origins,
    PublicURL,
    PushHosts,
    ScraperToken,
    Sender,
    TaskURL,
    default_folder,
)

PUSH_SERVICES: Final = (
    "fcm.googleapis.com,jmt17.google.com,*.push.services.mozilla.com,*.push.apple.com,*.notify.windows.com"
)
"""Those of Chrome (and of Chromium built without Google's keys), Firefox, Safari and Edge."""

MIN_POOL_SIZE: Final = 3


class Declarations(BaseSettings):
    """The settings by name, as they are read from the environment or `.env`."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    database_url: PostgreSQLURL | None = Field(
        default=None,
        description="`postgresql://user:password@host:5432/name` for PostgreSQL; absent, an SQLite file in `DATA_DIR`.",
    )
    database_listen_url: PostgreSQLURL | None = Field(
        default=None,
        description=(
            "`postgresql://…` of the server itself, where `DATABASE_URL` is that of a pooler in transaction mode: on it changes "
            "of other processes are heard at once, and not only every 5 seconds."
        ),
    )
    database_pool_size: int | None = Field(
        default=None,
        ge=MIN_POOL_SIZE,
        le=100,
        description=(
            "How many connections each process holds to PostgreSQL at most, beside one on which it hears of changes. "
            "Otherwise 10, and fewer where the workers together would have more than 20."
        ),
    )
    data_dir: Folder = Field(
        default_factory=default_folder,
        validate_default=True,
        description="Where the embedded database and the generated secret are kept.",
    )
    secret_key: SecretKey | None = Field(
        default=None,
        validation_alias=AliasChoices("SECRET_KEY", "BETTER_AUTH_SECRET"),
        description=(
            "Signs the access tokens; at least 32 bytes, also read as `BETTER_AUTH_SECRET`. Needed with PostgreSQL; "
            "with the embedded database one is made and kept in `DATA_DIR`."
        ),
    )
    previous_secret_keys: SecretKeys = Field(
        default=(),
        description=(
            "Earlier values of `SECRET_KEY`, separated by commas, or a JSON list where one has a comma in it: tokens "
            "that they signed are still good. Keep one here until every token that it signed has expired."
        ),
    )
    access_token_expire_minutes: int = Field(
        default=30,
        ge=1,
        le=525_600,
        description="How long an access token is valid, in minutes; never longer than its session.",
    )
    session_idle_days: int = Field(
        default=14, ge=1, le=3650, description="A session that is not refreshed for this many days has ended."
    )
    session_max_days: int = Field(
        default=60, ge=1, le=3650, description="A session ends after this many days, however often it is refreshed."
    )
    min_password_length: int = Field(
        default=8, ge=8, le=128, description="How many characters a new password must have at least."
    )
    refuse_common_passwords: bool = Field(
        default=True,
        description="Refuse new passwords that are among the 10,000 most common or contain the name in the e-mail.",
    )
    trusted_issuers: Issuers = Field(
        default=(),
        description=(
            "Other issuers whose log-ins count: a JSON list of `{issuer, audience, jwks_url}`, or with a `secret` "
            "of at least 32 bytes in place of `jwks_url`."
        ),
    )
    better_auth_url: str | None = Field(
        default=None,
        description="The URL of a Better Auth server with its `jwt` plugin: one more trusted issuer, in short.",
    )
    max_kept_answers_mb: int = Field(
        default=64,
        ge=1,
        le=1_000_000,
        description="How many MB the kept answers of one user's `Idempotency-Key`s, and what can be undone, may take.",
    )
    max_tasks: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000_000,
        description="How many tasks one user may have; absent, no limit.",
    )
    max_storage_mb: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000_000,
        description="How many MB the things of one user may take; absent, no limit.",
    )
    max_description_length: int = Field(
        default=2000,
        ge=1,
        le=50_000,
        description="How many characters the description of a task may have, up to 50000.",
    )
    tombstone_days: int = Field(
        default=90,
        ge=1,
        le=36_500,
        description="How many days a client may be away and still be told what was deleted meanwhile.",
    )
    mail_from: Sender | None = Field(
        default=None,
        description="The sender of mails, `tasks@example.com` or `Tasks <tasks@example.com>`. Needed with `SMTP_URL`.",
    )
    smtp_url: SMTPURL | None = Field(
        default=None,
        description=(
            "The server that mail is handed to: `smtp://user:password@host:587` (with STARTTLS) or `smtps://user:password@host:465`; "
            "absent, mails are written to `DATA_DIR/mail`."
        ),
    )
    push_hosts: PushHosts = Field(
        default=PUSH_SERVICES,
        validate_default=True,
        description=(
            "Hosts that push messages may be sent to, separated by commas, maybe with a port; `*.push.example.com` is every host "
            "below it. A host of this machine must have its port. Absent, the services of the browsers' makers."
        ),
    )
    port: int = Field(default=8000, ge=0, le=65_535, description="The port that `doable serve` listens on.")
    public_url: PublicURL = Field(
        default_factory=lambda known: f"http://127.0.0.1:{known['port']}",
        description="The address at which people reach Doable, maybe with a path below which a proxy has it. Every link that leaves Doable is made from it.",
    )
    task_url: TaskURL | None = Field(
        default=None,
        description=(
            "Where your frontend shows a task: the address that reminders by mail link to, with `{task_id}` where its id is. "
            "Absent, a page of Doable's own."
        ),
    )
    require_email_verification: bool = Field(
        default=False,
        description="Nobody can log in before the address is verified: sign-up answers no tokens, and log-in is 403.",
    )
    cors_origins: Origins = Field(
        default=(),
        description="Origins of browser frontends that may call the API, separated by commas. `*` is every origin.",
    )
    allowed_hosts: Hosts = Field(
        default=(),
        description=(
            "Host names that requests may be for, separated by commas; absent, all of them. Any other is 421, except at "
            "`/livez`, `/readyz` and `/health`."
        ),
    )
    trusted_proxies: Networks = Field(
        default=(),
        description=(
            "Addresses and networks of your proxies, separated by commas: `X-Forwarded-For` is believed from them alone."
        ),
    )
    throttle_login: Throttled = Field(
        default="10/15minutes",
        validate_default=True,
        description="How many wrong passwords one account may have from one network; `off` is no limit.",
    )
    throttle_guesses: Throttled = Field(
        default="100/15minutes",
        validate_default=True,
        description=(
            "How many wrong passwords one network may send, whichever accounts they are for; loopback addresses do not count."
        ),
    )
    throttle_signup: Throttled = Field(
        default="10/hour",
        validate_default=True,
        description="How many sign-ups one network may try; loopback addresses do not count.",
    )
    throttle_refresh: Throttled = Field(
        default="60/minute",
        validate_default=True,
        description=(
            "How many refresh tokens and mailed tokens that are not good one network may send; loopback addresses do not "
            "count."
        ),
    )
    throttle_mail: Throttled = Field(
        default="60/hour",
        validate_default=True,
        description="How many mails one network may ask for; loopback addresses do not count.",
    )
    throttle_reset: Throttled = Field(
        default="5/hour",
        validate_default=True,
        description="How many mails to reset the password may be asked for with one e-mail address.",
    )
    throttle_verification: Throttled = Field(
        default="5/hour",
        validate_default=True,
        description="How many mails to verify one e-mail address may be asked for.",
    )
    throttle_caldav: Throttled = Field(
        default="100/15minutes",
        validate_default=True,
        description=(
            "How many log-ins of calendar programs with a token that is not good one network may try; loopback addresses do "
            "not count."
        ),
    )
    throttle_requests: Throttled = Field(
        default="off",
        validate_default=True,
        description="How many requests one user may send, as in `600/minute`.",
    )
    metrics_token: ScraperToken | None = Field(
        default=None,
        description="Opens `/metrics`, sent as `Authorization: Bearer`; at least 16 characters. Absent, there is no such address.",
    )
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65_535,
        description="A port of 127.0.0.1 at which `/metrics` is open to every program of the machine; absent, there is none.",
    )
    api_title: str = Field(default="Doable", min_length=1, description="The title of the API documentation.")
    debug: bool = Field(
        default=False,
        description="Log readable lines at debug level, also where there is no terminal. Answers stay the same.",
    )
    web_concurrency: int | None = Field(
        default=None,
        ge=1,
        le=64,
        description="How many worker processes `doable serve` starts. Otherwise as many as it may use cores, 4 at most.",
    )

    doable_url: str = Field(
        default="http://127.0.0.1:8000",
        description="The address of the server that `doable tail`, `doable tasks` and `doable filters` call.",
    )
    doable_token: SecretStr | None = Field(
        default=None,
        description=(
            "The token that `doable tail`, `doable tasks` and `doable filters` send: an API token with the scope `tasks:read` (to write, "
            "`tasks:write` too), or an access token, which expires sooner."
        ),
    )

    @field_validator("database_listen_url")
    @classmethod
    def _has_a_database(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None and "database_url" in info.data and info.data["database_url"] is None:
            raise ValueError("needs DATABASE_URL, the same database through a pooler")
        return value

    @field_validator("trusted_issuers")
    @classmethod
    def _have_secrets_of_their_own(
        cls, value: tuple[TrustedIssuer, ...], info: ValidationInfo
    ) -> tuple[TrustedIssuer, ...]:
        own = {info.data.get("secret_key"), *info.data.get("previous_secret_keys", ())}
        if any(each.secret in own for each in value if each.secret is not None):
            # Otherwise the issuer could sign log-ins of Doable's own.
            raise ValueError("must not share a secret with SECRET_KEY (or BETTER_AUTH_SECRET)")
        return value

    @field_validator("better_auth_url")
    @classmethod
    def _is_an_issuer(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None:
            check_issuers([*info.data.get("trusted_issuers", ()), better_auth(value)])
        return value

    @field_validator("smtp_url")
    @classmethod
    def _has_a_sender(cls, value: SecretStr | None, info: ValidationInfo) -> SecretStr | None:
        if value is not None and "mail_from" in info.data and info.data["mail_from"] is None:
            raise ValueError("needs MAIL_FROM, the sender of the mails")
        return value
