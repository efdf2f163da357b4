"""The `doable` command. What it imports, it imports when a command needs it: `doable --help` should not wait."""

import asyncio
import os
import subprocess
import sys
from typing import Annotated, NoReturn

import typer

from doable import __version__
from doable.errors import DoableError
from doable.settings import Settings

EXIT_REFUSED = 1
"""What was asked for could not be done; 2 is for a command line that cannot be understood."""

app = typer.Typer(
    help="A multi-user task service: the JSON API that a todo frontend needs.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
users_app = typer.Typer(help="Add, list and remove users.", no_args_is_help=True)
app.add_typer(users_app, name="users")


def main() -> None:
    """Run the command. An error is a sentence on stderr, never a traceback."""
    try:
        app()
    except DoableError as error:
        refuse(str(error))


def refuse(message: str) -> NoReturn:
    """Say what is wrong, and end with exit code 1."""
    print(f"doable: {message}", file=sys.stderr)  # noqa: T201 - this is the command's output
    raise SystemExit(EXIT_REFUSED)


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"doable {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on. [default: HOST, or 127.0.0.1]")] = None,
    port: Annotated[
        int | None, typer.Option(help="The port to listen on. [default: PORT, or 8000]", min=0, max=65_535)
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="How many processes serve. [default: WEB_CONCURRENCY, or 1]", min=1, max=64)
    ] = None,
    reload: Annotated[
        bool, typer.Option("--reload", help="Start again when the code changes; for development.")
    ] = False,
) -> None:
    """Serve the API. The database is made or migrated first, if it must be."""
    from doable import server

    settings = Settings.load(host=host, port=port, web_concurrency=workers)
    server.check(settings)
    # In a process of its own: the server itself never loads what migrations need.
    migrate = [sys.executable, "-m", "doable", "migrate"]
    if server.migration_is_due(settings) and subprocess.run(migrate, check=False).returncode:  # noqa: S603 - our own
        refuse("The database could not be migrated, see above.")
    typer.echo(
        f"Doable {__version__} on http://{settings.host}:{settings.port}, documentation at /docs\n"
        f"Database: {settings.database_name}",
        err=True,
    )
    server.run(settings, reload=reload)


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this version. Does nothing when it is there already."""
    from doable.database.migrate import migrate as run

    settings = Settings.load()
    typer.echo(f"{settings.database_name} is at version {run(settings)}.", err=True)


@app.command()
def openapi() -> None:
    """Print the OpenAPI document."""
    import json

    from doable.app import create_app

    # The document depends on the title alone; it needs no secret and no database, and so makes none.
    settings = Settings.load()
    document = create_app(settings.model_copy(update={"secret_key": settings.secret_key or _no_secret()})).openapi()
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


@app.command()
def doctor() -> None:
    """Check settings, secret, database, schema, SQLite and file modes; say what is wrong and how to mend it."""
    from doable.doctor import examine

    wrong = 0
    for finding in examine():
        wrong += not finding.fine
        typer.echo(f"{'ok   ' if finding.fine else 'WRONG'}  {finding.text}")
    if wrong:
        refuse(f"{wrong} of these must be mended." if wrong > 1 else "One of these must be mended.")


@users_app.command("add")
def add_user(
    email: Annotated[str, typer.Argument(help="The e-mail to log in with.")],
    name: Annotated[str | None, typer.Option(help="The name. [default: the part of the e-mail before the @]")] = None,
) -> None:
    """Add a user. Asks for the password, which is never an argument: those can be seen by others."""
    from pydantic import ValidationError

    from doable.accounts.passwords import Passwords
    from doable.accounts.registration import register
    from doable.accounts.repository import UserRepository
    from doable.accounts.schemas import SignUp
    from doable.database import open_database

    settings = _migrated_settings()
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    try:
        new = SignUp(email=email, password=password, name=name)
    except ValidationError as error:
        problems = error.errors(include_input=False, include_url=False, include_context=False)
        refuse("; ".join(f"{problem['loc'][0]}: {problem['msg']}" for problem in problems) + ".")

    async def add() -> str:
        passwords = Passwords()
        async with open_database(settings) as database:
            user = await register(UserRepository(database), passwords, new)
        passwords.close()
        user_id: str = user["id"]
        return user_id

    typer.echo(asyncio.run(add()))


@users_app.command("list")
def list_users() -> None:
    """List the users, the oldest first: id, e-mail, name, when they signed up."""
    from doable.accounts.repository import UserRepository
    from doable.database import Row, open_database

    settings = _migrated_settings()

    async def find() -> list[Row]:
        async with open_database(settings) as database:
            return await UserRepository(database).all()

    for user in asyncio.run(find()):
        typer.echo(f"{user['id']}  {user['created_at']:%Y-%m-%d}  {user['email']}  {user['name']}")


@users_app.command("remove")
def remove_user(
    email: Annotated[str, typer.Argument(help="The user's e-mail.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a user and all of the user's tasks. A running server refuses the user's tokens within a second."""
    from doable.accounts.repository import UserRepository
    from doable.accounts.schemas import normalised_email
    from doable.database import open_database

    settings = _migrated_settings()
    try:
        address = normalised_email(email)
    except ValueError:
        refuse("This is not a valid e-mail address.")
    if not yes:
        typer.confirm(f"Remove {address} and all tasks of this user for good?", abort=True, err=True)

    async def remove() -> bool:
        async with open_database(settings) as database:
            users = UserRepository(database)
            user = await users.find_by_email(address)
            return user is not None and await users.remove(user["id"], tokens_live=settings.token_lifetime)

    if not asyncio.run(remove()):
        refuse(f"There is no user with the e-mail {address}.")
    typer.echo(f"Removed {address}.", err=True)


def _migrated_settings() -> Settings:
    from doable import server

    settings = Settings.load()
    if server.migration_is_due(settings):
        refuse("The database has no tables of this version yet. Run `doable migrate` first.")
    return settings


def _no_secret() -> object:
    from pydantic import SecretStr

    return SecretStr(os.urandom(32).hex())
