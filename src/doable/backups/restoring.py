"""The steps that every restore has, whichever the database is."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from doable.backups.backup import Backup, refusal
from doable.backups.renewal import Renewed, until_tokens_are_good
from doable.errors import Misconfigured
from doable.server import checks
from doable.settings import Settings

OF_SQLITE: Final = b"SQLite format 3\0"
OF_PG_DUMP: Final = b"PGDMP"
"""What such files begin with."""


def examine(settings: Settings, file: Path) -> Backup:
    """What is in a backup. Raises Misconfigured if it is none of such a database, damaged, or too new for this code."""
    _refuse_of_the_other_database(settings, file)
    if settings.postgresql_url is None:
        from doable.backups import sqlite

        backup = sqlite.examine(file)
    else:
        from doable.backups import archive

        backup = archive.examine(file)
    backup.check(file)
    return backup


def _refuse_of_the_other_database(settings: Settings, file: Path) -> None:
    """Nobody shall take a good backup for a damaged one, since a setting is missing."""
    first = b""
    with suppress(OSError), file.open("rb") as opened:  # what cannot be read is refused later
        first = opened.read(len(OF_SQLITE))
    if settings.postgresql_url is None and first.startswith(OF_PG_DUMP):
        raise refusal(file, "is a backup from PostgreSQL, and DATABASE_URL is not set")
    if settings.postgresql_url is not None and first == OF_SQLITE:
        raise refusal(file, "is a backup of the embedded database, and DATABASE_URL is set")


def restore(settings: Settings, file: Path | None, *, revoke_api_tokens: bool) -> list[str]:
    """Restore this backup, or finish what something else has restored. Answers what there is to say, line by line.

    Raises Misconfigured if it cannot be done: then the database is as it was.
    """
    said = []
    if file is not None:
        said.append(f"Restored {file}: {examine(settings, file)}.")
    elif checks.migration_is_due(settings):
        raise Misconfigured("The database does not have the tables of this version yet. Run `doable migrate` first.")
    # That of the server itself, if there is a pooler before it.
    url = settings.postgresql_listen_url or settings.postgresql_url
    if url is None:
        from doable.backups import sqlite

        renewed, aside = sqlite.restore(settings, file, revoke_api_tokens=revoke_api_tokens)
        if aside is not None:
            said.append(f"The database that was there is kept as {aside}.")
    else:
        from doable.backups import postgresql

        renewed = postgresql.restore(settings, url, file, revoke_api_tokens=revoke_api_tokens)
    until_tokens_are_good()
    return [*said, _good_again(renewed), "Every client reads everything again, and every user has to log in again."]


def _good_again(renewed: Renewed) -> str:
    users = f"{renewed.users} user{'' if renewed.users == 1 else 's'}"
    tokens = f"{renewed.api_tokens} API token{'' if renewed.api_tokens == 1 else 's'}"
    again = "remove such users again with `doable users remove`"
    if renewed.api_tokens:
        again += ", and all API tokens with `doable restore --in-place --revoke-api-tokens`"
    return (
        f"Users, passwords and API tokens are those of the restored database: {users} and {tokens}. "
        f"Some may have been removed since: {again}."
    )
