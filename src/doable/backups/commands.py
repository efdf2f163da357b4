"""`doable backup` and `doable restore`. As in `cli`, imports are inside the commands."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer


def backup(file: Annotated[Path, typer.Argument(help="The new file.", metavar="FILE", dir_okay=False)]) -> None:
    """Back up the database to a new file, as it is at one instant, while a server goes on.

    Only this user can read the file. It appears when it is whole, and nothing is overwritten. With PostgreSQL it is an
    archive of pg_dump. The secret that signs access tokens is not in it.
    """
    from doable.backups.making import make
    from doable.settings import Settings

    _end_in_order()
    make(Settings.load(), file)
    typer.echo(f"The backup {file} is made.", err=True)


def restore(
    file: Annotated[
        Path | None, typer.Argument(help="The backup.", metavar="FILE", exists=True, dir_okay=False)
    ] = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="Something else has put the database back already; do the rest.")
    ] = False,
    revoke_api_tokens: Annotated[
        bool, typer.Option("--revoke-api-tokens", help="Delete every API token and every calendar's address, too.")
    ] = False,
) -> None:
    """Put a backup in the place of the database, while no server runs. A backup of an older version is migrated.

    Every client is told to read everything again, since it may have seen more than the backup knows. All sessions end,
    and mails that waited are dropped. If anything fails, the database is as it was before; on SQLite it is kept in
    DATA_DIR/backups in any case.

    With --in-place and no file, after Litestream, point-in-time recovery, or a failover that lost commits.
    """
    from doable.backups import restoring
    from doable.settings import Settings

    if (file is None) is not in_place:
        raise typer.BadParameter("Name a backup, or say --in-place, and not both.")
    _end_in_order()
    settings = Settings.load()
    for line in restoring.restore(settings, file, revoke_api_tokens=revoke_api_tokens):
        typer.echo(line, err=True)


def _end_in_order() -> None:
    """Have SIGTERM raise an exception: what was begun is cleaned up, and no program of PostgreSQL's goes on alone."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
