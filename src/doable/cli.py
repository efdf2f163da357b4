"""The `doable` command. Imports are inside the commands that need them, so that `doable --help` does not wait."""

import gc
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NoReturn

import typer

from doable import __version__
from doable.backups import commands as backups
from doable.errors import DoableError
from doable.remote import commands as remote
from doable.remote.filter_commands import filters_app
from doable.terminal import open_standard_streams

if TYPE_CHECKING:
    from doable.settings import Settings


EXIT_REFUSED = 1
"""The command failed; 2 is for a command line that cannot be understood."""

app = typer.Typer(
    help="A multi-user task service: a web client, and the JSON API that a todo frontend needs.",
    epilog="Start with `doable serve`. Settings are read from the environment or from .env in this folder.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Plain text: it reads the same in a terminal, a pipe and a log, and takes a third less time.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
users_app = typer.Typer(help="Add, list and remove users.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(users_app, name="users")
app.add_typer(remote.tasks_app, name="tasks")
app.add_typer(filters_app, name="filters")


def main() -> None:
    """Run the command. An error is a sentence on stderr, never a traceback."""
    open_standard_streams()
    try:
        app()
    except DoableError as error:
        refuse(str(error))
    except Exception as error:  # noqa: BLE001 - even an unforeseen error is a sentence, with the place for a report
        reason = str(error).partition("\n")[0]
        place = traceback.extract_tb(error.__traceback__)[-1]
        refuse(f"Something unforeseen went wrong: {type(error).__name__}: {reason} ({place.filename}:{place.lineno})")


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
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


@app.command(short_help="Serve the web client and the API.")
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 is every one.")] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(help="The port to listen on; 0 is any free one. Otherwise PORT, or else 8000.", min=0, max=65_535),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            help="How many processes serve. Otherwise WEB_CONCURRENCY, or else one for each core, 4 at most.",
            min=1,
            max=64,
        ),
    ] = None,
    reload: Annotated[
        bool, typer.Option("--reload", help="Start again when Doable's own code changes; for its developers.")
    ] = False,
) -> None:
    """Serve the web client and the API, until SIGTERM or Ctrl-C.

    The database is made or migrated first, if that is needed. While PostgreSQL cannot be reached, the server waits for
    it, and answers nothing but /livez. With no setting at all it is an SQLite file in your
    user-data folder; DATA_DIR puts it elsewhere, DATABASE_URL makes it PostgreSQL.
    """
    from doable.settings import Settings

    # Imported modules stay; to search them for garbage takes a tenth of the start. It is turned on again where serving begins.
    gc.disable()
    settings = Settings.load(port=port, web_concurrency=workers)
    from doable.server import checks, listening, run
    from doable.server.preparation import Preparation

    run.stop_quietly()
    sockets = listening.bind(host, settings.port)
    if settings.web_concurrency is None:
        settings = Settings.load(port=port, web_concurrency=1 if reload else checks.default_workers(settings))
    checks.check(settings)
    preparation = Preparation(settings)
    listening.listen(sockets, host)
    chosen_port = listening.port_of(sockets)
    typer.echo(
        f"Doable {__version__} on {listening.url(host, chosen_port)}, documentation at /docs\n"
        f"Database: {settings.database_name}\n{_opening(chosen_port)}",
        err=True,
    )
    run.run(settings, chosen_port, sockets, reload=reload)
    if preparation.has_failed:
        raise SystemExit(EXIT_REFUSED)


def _opening(port: int) -> str:
    """What a person does next."""
    from doable.settings import Settings
    from doable.web.built import is_built

    if is_built():
        return f"Open {Settings.load(port=port).link('', whole=True)} in a browser."
    return "The web client is not built, so this is the API alone; `make setup` in the folder of the source builds it."


@app.command(short_help="Make or migrate the database.")
def migrate(
    wait: Annotated[
        bool,
        typer.Option(
            "--wait", help="Wait until the database can be reached, but not longer than the parent process lives."
        ),
    ] = False,
) -> None:
    """Make the database, or bring it to the schema of this version.

    Does nothing if it is at that schema already. `doable serve` does this by itself.
    """
    from doable.settings import Settings

    settings = Settings.load()
    if wait:
        from doable.server.preparation import wait_for_database

        wait_for_database(settings)
    from doable.database.migrate import migrate as run

    typer.echo(f"{settings.database_name} is at version {run(settings)}.", err=True)


app.command(short_help="Back up the database.")(backups.backup)
app.command(short_help="Restore a backup.")(backups.restore)


@app.command(short_help="Print the OpenAPI document.")
def openapi() -> None:
    """Print the OpenAPI document, as /openapi.json serves it. Needs no database and no secret."""
    import json

    from doable.app import create_app
    from doable.settings import Settings

    typer.echo(json.dumps(create_app(Settings.load()).document.make(), indent=2, ensure_ascii=False))


app.command(short_help="Follow your own tasks as they change.")(remote.tail)


@app.command(short_help="Look for problems.")
def doctor(
    backup: Annotated[Path | None, typer.Option(help="Check this backup and nothing else.", metavar="FILE")] = None,
) -> None:
    """Check settings, secret, database, schema, SQLite and file modes. Says what is wrong, and how to mend it."""
    from doable.doctor import examine, examine_backup

    wrong = 0
    for finding in examine() if backup is None else examine_backup(backup):
        wrong += not finding.fine
        typer.echo(f"{'ok   ' if finding.fine else 'WRONG'}  {finding.text}")
    if wrong:
        refuse(f"{wrong} problem{'' if wrong == 1 else 's'} found, marked WRONG above.")


@app.command(short_help="Write what a user has, as a file.")
def export(
    user: Annotated[str, typer.Option(help="The user's e-mail or id.", metavar="EMAIL|ID")],
    format: Annotated[  # noqa: A002 - its name in the command line
        Literal["json", "csv", "ics", "todotxt", "markdown"],
        typer.Option(help="json has everything; the others have lists and tasks, as other programs read them."),
    ] = "json",
) -> None:
    """Write what a user has to the standard output. A server may run meanwhile."""
    import asyncio

    import doable.app  # noqa: F401 - so that every table is known
    from doable.accounts.users.repository import UserRepository
    from doable.database import open_database
    from doable.transfer.writing.document import file_of

    settings = _migrated_settings()
    user_id = _user_id(user)
    who = user_id or _address(user, "This is neither a valid e-mail address nor the id of a user.")

    async def write() -> bool:
        async with open_database(settings) as database:
            users = UserRepository(database)
            found = await users.find(user_id) if user_id else await users.find_by_email(who)
            if found is None:
                return False
            file = await file_of(database, found["id"], format, lambda: None)
            async for piece in file.pieces:
                sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
            return True

    if not asyncio.run(write()):
        refuse(f"There is no user with the {'id' if user_id else 'e-mail'} {who}.")


@app.command(short_help="Make an account with lists and tasks to try out.")
def demo(
    email: Annotated[str, typer.Argument(help="The e-mail to log in with.")] = "demo@example.com",
    language: Annotated[Literal["en", "de"], typer.Option(help="The language of the lists and tasks.")] = "en",
    tasks: Annotated[int, typer.Option(help="How many open tasks it has besides.", min=0, max=1_000_000)] = 0,
    completed: Annotated[
        int, typer.Option(help="How many completed ones, of tasks that recur each day.", min=0, max=1_000_000)
    ] = 0,
) -> None:
    """Make an account as somebody could have it, with lists, tasks, tags and filters; print its password.

    Its dates go by today, and some of its tasks were completed in the last weeks. A server may run meanwhile.
    """
    import asyncio

    from doable.demo.account import Asked, make
    from doable.errors import EmailTaken

    settings, address = _migrated_settings(), _address(email)
    try:
        password = asyncio.run(make(settings, Asked(address, language, tasks, completed)))
    except EmailTaken:
        refuse(f"There is an account {address} already: `doable users remove {address}` removes it.")
    typer.echo(f"{address}  {password}")
    typer.echo("Log in with this e-mail and password, where `doable serve` serves.", err=True)


@app.command("import", short_help="Import a file of another program, or an own export.")
def import_(
    file: Annotated[str, typer.Argument(help="The file; with --from, the URL of a database.", metavar="FILE|URL")],
    *,
    user: Annotated[
        str | None, typer.Option(help="Whose tasks they become, by e-mail or id.", metavar="EMAIL|ID")
    ] = None,
    format: Annotated[  # noqa: A002 - its name on the command line
        str | None, typer.Option(help="The file's format, such as todoist, ics or csv. It is recognised if absent.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be made, and what is not understood.")
    ] = False,
    from_: Annotated[
        Literal["tutorial"] | None,
        typer.Option("--from", help="What database it is: that of the FastAPI tutorial, with all of its users."),
    ] = None,
    into_existing: Annotated[
        bool, typer.Option("--into-existing", help="With --from: add tasks to accounts that have the e-mail already.")
    ] = False,
) -> None:
    """Make tasks of a file that another program has exported, or of Doable's own export.

    Try it with --dry-run first. What is there already stays as it is, and the same file again makes nothing twice. If it
    is interrupted, the same command goes on, or a server that runs. For 7 days the user can undo it.

    With --from tutorial, `users` and `tasks` of that backend's database (postgresql://… or sqlite:///FILE) become
    accounts here, with the passwords that people have. Its password is better in PGPASSWORD than in the URL.
    """
    if from_ is not None:
        if user is not None or format is not None:
            refuse("With --from, a database comes with all of its users: leave out --user and --format.")
        _move_in(file, dry_run=dry_run, into_existing=into_existing)
        return
    if user is None:
        refuse("Say whose tasks they become: --user EMAIL.")
    import asyncio

    from doable.database import Row
    from doable.transfer.command import Asked, run, table

    settings, user_id = _migrated_settings(), _user_id(user)
    who = user_id or _address(user, "This is neither a valid e-mail address nor the id of a user.")

    def show(found: Row) -> None:
        if sys.stderr.isatty():
            typer.echo(f"\r{found['done']} of {found['total']}", nl=found["state"] != "running", err=True)

    found = asyncio.run(run(settings, Asked(Path(file), who, format, dry_run), show))
    for line in table(found):
        typer.echo(line)
    if found.get("state") == "stopped":
        limit = {"tasks": "as many tasks as a user may have", "storage": "as much as a user may store"}
        why = limit.get(found["stopped_by"])
        refuse(
            f"It was stopped: {f'there are {why}' if why else 'something unforeseen went wrong, which the log has'}."
        )


def _move_in(url: str, *, dry_run: bool, into_existing: bool) -> None:
    import asyncio

    from doable.transfer.tutorial.command import Asked, gather, run

    settings, asked = _migrated_settings(), Asked(url, dry_run, into_existing)
    old, rest = gather(asked)
    with rest:
        asyncio.run(run(settings, asked, old, rest, typer.echo))


@users_app.command("add", short_help="Add a user.")
def add_user(
    email: Annotated[str, typer.Argument(help="The e-mail to log in with.")],
    name: Annotated[str | None, typer.Option(help="The name. Otherwise the part of the e-mail before the @.")] = None,
) -> None:
    """Add a user and print the new id.

    Asks for the password twice. Without a terminal, the first line of the input is the password. It is never an
    argument, since everybody on the machine can see those.
    """
    import asyncio

    from pydantic import ValidationError

    from doable.accounts.mail_addresses import check_reachable
    from doable.accounts.passwords.hashing import Passwords
    from doable.accounts.passwords.rules import PasswordRules
    from doable.accounts.schemas import SignUp
    from doable.accounts.sign_up import registration
    from doable.accounts.users.repository import UserRepository
    from doable.database import open_database
    from doable.http.problems import Problems, sentence

    settings = _migrated_settings()
    address = _address(email)
    if settings.require_email_verification:
        check_reachable(address, field="email")
    try:
        new = SignUp(email=address, password=_new_password(), name=name)
    except ValidationError as error:
        problems = Problems()
        problems.add_all(error, ["body"])
        refuse(" ".join(sentence(problem.loc, problem.msg) for problem in problems.listed))

    async def add() -> str:
        rules = PasswordRules(settings.min_password_length, refuse_common=settings.refuse_common_passwords)
        passwords = Passwords(rules=rules)
        async with open_database(settings) as database:
            user = await database.write(await registration(UserRepository(database), passwords, new))
        passwords.close()
        user_id: str = user["id"]
        return user_id

    typer.echo(asyncio.run(add()))


@users_app.command("list", short_help="List the users.")
def list_users() -> None:
    """List the users, the oldest first: id, day of sign-up, e-mail (- where there is none), name."""
    import asyncio

    from doable.accounts.users.repository import UserRepository
    from doable.database import open_database
    from doable.terminal import printable

    settings = _migrated_settings()

    async def show() -> bool:
        found = False
        async with open_database(settings) as database:
            async for users in UserRepository(database).pages():
                found = True
                for user in users:
                    email, name = user["email"] or "-", printable(user["name"])
                    typer.echo(f"{user['id']}  {user['created_at']:%Y-%m-%d}  {email}  {name}")
        return found

    if not asyncio.run(show()):
        typer.echo("There are no users yet.", err=True)


@users_app.command("remove", short_help="Remove a user and all of the user's tasks.")
def remove_user(
    email: Annotated[str, typer.Argument(help="The user's e-mail or id.", metavar="EMAIL|ID")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a user and all of the user's data. This cannot be undone.

    A running server refuses the user's tokens within a second. If this is interrupted, the server deletes the rest.
    """
    import asyncio

    import doable.app  # noqa: F401 - so that every table is known
    from doable.accounts.users.removal import delete_what_is_left
    from doable.accounts.users.repository import UserRepository
    from doable.database import Row, open_database

    settings = _migrated_settings()
    user_id = _user_id(email)
    who = user_id or _address(email, "This is neither a valid e-mail address nor the id of a user.")

    async def find() -> Row | None:
        async with open_database(settings) as database:
            users = UserRepository(database)
            return await users.find(user_id) if user_id else await users.find_by_email(who)

    async def remove(user: Row) -> bool:
        async with open_database(settings) as database:
            work = UserRepository(database).remove(user["id"], tokens_live=settings.token_lifetime)
            found = await database.write(work, owner_id=user["id"], long=True)
            await delete_what_is_left(database)
            return found

    user = asyncio.run(find())
    if user is not None:
        who = user_id or user["email"]  # as it is stored, in whatever case it was given
        if not yes and not _agrees(f"Remove {who} and all tasks of this user? This cannot be undone."):
            refuse("Nothing was removed. Where nobody can be asked, say --yes.")
    if user is None or not asyncio.run(remove(user)):
        refuse(f"There is no user with the {'id' if user_id else 'e-mail'} {who}.")
    typer.echo(f"Removed {who}.", err=True)


def _agrees(question: str) -> bool:
    agreed = line_has_ended = False
    with suppress(typer.Abort):  # of Ctrl-C, and where there is nobody to answer
        agreed = typer.confirm(question, err=True)
        line_has_ended = sys.stdin.isatty()  # by Enter
    if not line_has_ended:
        typer.echo(err=True)
    return agreed


def _migrated_settings() -> "Settings":
    from doable.server.checks import migration_is_due
    from doable.settings import Settings

    settings = Settings.load()
    if migration_is_due(settings):
        refuse("The database does not have the tables of this version yet. Run `doable migrate` first.")
    return settings


def _user_id(text: str) -> str | None:
    """The text, if it is an id: a user of another issuer may have no e-mail."""
    import uuid

    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None


def _address(email: str, refusal: str = "This is not a valid e-mail address.") -> str:
    from doable.accounts import mail_addresses

    try:
        return mail_addresses.normalised(email)
    except ValueError:
        refuse(refusal)


def _new_password() -> str:
    if sys.stdin.isatty():
        password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return password
    line = sys.stdin.buffer.readline()
    try:
        # Windows ends a line with CR LF, and some editors begin a file with a byte order mark.
        return line.decode("utf-8-sig").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        refuse("The password is not in UTF-8.")
