"""The steps that every restore has, whichever the database is."""

from pathlib import Path

from doable.backups.backup import Backup
from doable.backups.renewal import Renewed, until_tokens_are_good
from doable.errors import Misconfigured
from doable.server import checks
from doable.settings import Settings


def examine(settings: Settings, file: Path) -> Backup:
    """What is in a backup. Raises Misconfigured if it is none of such a database, damaged, or too new for this code."""
    if settings.postgresql_url is None:
        from doable.backups import sqlite

        backup = sqlite.examine(file)
    else:
        from doable.backups import archive

        backup = archive.examine(file)
    backup.check(file)
    return backup


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
            said.append(f"What was the database is now {aside}.")
    else:
        from doable.backups import postgresql

        renewed = postgresql.restore(settings, url, file, revoke_api_tokens=revoke_api_tokens)
    until_tokens_are_good()
    return [*said, _good_again(renewed), "Every client reads everything again, and every user has to log in again."]


def _good_again(renewed: Renewed) -> str:
    users = f"{renewed.users} user{'' if renewed.users == 1 else 's'} with the password of then"
    tokens = f"{renewed.api_tokens} API token{'' if renewed.api_tokens == 1 else 's'}"
    return (
        f"Good again, as on that day: {users}, and {tokens}. Look for those that were removed since: "
        "`doable users remove` removes a user, and `doable restore --in-place --revoke-api-tokens` all API tokens."
    )
