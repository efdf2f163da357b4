"""Values that follow from the declared settings."""

from datetime import timedelta
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import quote, urlsplit

from pydantic import ValidationError

from doable.errors import Misconfigured
from doable.settings.folders import make_private_directory
from doable.settings.issuers import TrustedIssuer, better_auth
from doable.settings.postgresql import without_password
from doable.settings.secret import kept_secret
from doable.settings.settings import MIN_POOL_SIZE, Declarations
from doable.settings.types import TASK_ID, MailServer

POOL_SIZE: Final = 10
POOLS_SIZE: Final = 20
"""Of all workers together: PostgreSQL has 100 connections by default, and others need some too."""


class Settings(Declarations):
    """The settings of one process, read once and never changed after."""

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """The settings of this process.

        Raises Misconfigured, which names each wrong setting and never repeats a value, since a value may be a secret.
        """
        try:
            return cls(**{name: value for name, value in overrides.items() if value is not None})
        except ValidationError as error:
            wrong = "; ".join(
                f"{str(problem['loc'][0]).upper()} {problem['msg'].removeprefix('Value error, ').removeprefix('Input ')}"
                for problem in error.errors(include_input=False, include_url=False, include_context=False)
                if problem["type"] != "default_factory_not_called"  # the setting that it depends on is wrong
            )
            message = f"The settings cannot be used: {wrong}."
            raise Misconfigured(message) from None
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            message = f"The file .env cannot be read: {reason}."
            raise Misconfigured(message) from None

    @property
    def workers(self) -> int:
        """How many processes serve, this one among them. `doable serve` has decided it where nobody else has."""
        return self.web_concurrency or 1

    @property
    def pool_size(self) -> int:
        """How many connections this process holds to PostgreSQL at most."""
        shared_out = max(MIN_POOL_SIZE, min(POOL_SIZE, POOLS_SIZE // self.workers))
        return self.database_pool_size or shared_out

    @property
    def postgresql_url(self) -> str | None:
        """The URL with its password, without a driver's name; None for the embedded database."""
        return self.database_url.get_secret_value() if self.database_url else None

    @property
    def postgresql_listen_url(self) -> str | None:
        """The URL on which changes of other processes are heard, with its password; None if it is `postgresql_url`."""
        return self.database_listen_url.get_secret_value() if self.database_listen_url else None

    @property
    def database_path(self) -> Path:
        """The file of the embedded database."""
        return self.data_dir / "doable.db"

    @property
    def last_backup_path(self) -> Path:
        """Whose time is that of the last backup."""
        return self.data_dir / "last_backup"

    @property
    def secret_path(self) -> Path:
        """Where the generated secret is kept."""
        return self.data_dir / "secret_key"

    @property
    def database_name(self) -> str:
        """The database without its password, to be shown to a person."""
        url = self.postgresql_url
        return str(self.database_path) if url is None else without_password(url)

    @property
    def mail_server(self) -> MailServer | None:
        """The server that mail is handed to; None if it is written to `mail_path`."""
        return None if self.smtp_url is None else MailServer.of(self.smtp_url)

    @property
    def push_contact(self) -> str:
        """Whom a push service may write to (RFC 8292, section 2.1)."""
        if self.mail_from is None:
            return self.link("", whole=True)
        return f"mailto:{quote(parseaddr(self.mail_from)[1], safe='@+')}"

    @property
    def mail_path(self) -> Path:
        """The folder to which mails are written if there is no server."""
        return self.data_dir / "mail"

    @cached_property
    def public_path(self) -> str:
        """What stands before every path where people reach Doable below one, such as `/tasks`; otherwise nothing."""
        return urlsplit(self.public_url).path

    def link(self, path: str, *, whole: bool = False) -> str:
        """The address of a path, for a client. Every address that leaves the server is made here.

        `whole`: with the host, for a reader that is not at this server, such as a mail program.
        """
        return f"{self.public_url if whole else self.public_path}{path}"

    def task_link(self, task_id: str) -> str:
        """The address at which a person sees a task, for a mail."""
        if self.task_url is None:
            return self.link(f"/tasks/{task_id}", whole=True)
        return self.task_url.replace(TASK_ID, task_id)

    @property
    def token_lifetime(self) -> timedelta:
        """How long an access token is valid."""
        return timedelta(minutes=self.access_token_expire_minutes)

    @property
    def session_idle(self) -> timedelta:
        """How long an unused session lasts."""
        return timedelta(days=self.session_idle_days)

    @property
    def session_longest(self) -> timedelta:
        """How long a session lasts at most."""
        return timedelta(days=self.session_max_days)

    @property
    def issuers(self) -> tuple[TrustedIssuer, ...]:
        """The issuers whose tokens are accepted besides Doable's own."""
        return (*self.trusted_issuers, *([better_auth(self.better_auth_url)] if self.better_auth_url else []))

    @property
    def max_kept_bytes(self) -> int:
        """How much room one user's kept answers may take."""
        return self.max_kept_answers_mb * 1024 * 1024

    @property
    def max_stored_bytes(self) -> int | None:
        """How much room the things of one user may take. None is no limit."""
        return None if self.max_storage_mb is None else self.max_storage_mb * 1024 * 1024

    @property
    def tombstones_kept(self) -> timedelta:
        """How long deletions are remembered."""
        return timedelta(days=self.tombstone_days)

    @property
    def secrets(self) -> list[bytes]:
        """The secret that signs now, followed by those that signed before. Raises Misconfigured as `secret` does."""
        return [self.secret, *(secret.get_secret_value().encode() for secret in self.previous_secret_keys)]

    @cached_property
    def secret(self) -> bytes:
        """The secret that signs tokens; on the embedded database made at the first call.

        Raises Misconfigured if it is missing with PostgreSQL, or if its file cannot be used.
        """
        if self.secret_key is not None:
            return self.secret_key.get_secret_value().encode()
        if self.database_url is not None:
            message = (
                "SECRET_KEY is missing. With PostgreSQL it must be given, the same for every process: "
                "`openssl rand -hex 32` makes a good one."
            )
            raise Misconfigured(message)
        make_private_directory(self.data_dir)
        return kept_secret(self.secret_path)
