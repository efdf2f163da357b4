"""`doable tail` and `doable tasks`. As in `cli`, imports are inside the commands."""

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from doable.errors import Misconfigured

if TYPE_CHECKING:
    from doable.remote.server import RemoteServer

Url = Annotated[
    str | None,
    typer.Option(help="The address of the server. Otherwise DOABLE_URL, or else http://127.0.0.1:8000.", metavar="URL"),
]
AsJSON = Annotated[bool, typer.Option("--json", help="Print JSON, one task a line.")]

Sort = Annotated[
    str | None,
    typer.Option(
        help="In this order: due, priority, created_at, -created_at (the newest first), updated_at, -updated_at; position "
        "(yours, of one list); -completed_at (completed tasks, the last first).",
        metavar="ORDER",
    ),
]

tasks_app = typer.Typer(help="List, add and complete your own tasks.", no_args_is_help=True, rich_markup_mode=None)


def tail(
    *,
    url: Url = None,
    since: Annotated[
        int, typer.Option(help="The revision that you know already; 0 is for everything.", min=0, metavar="REVISION")
    ] = 0,
) -> None:
    """Print all of your tasks, and then each change as it comes, until Ctrl-C.

    The token is read from DOABLE_TOKEN: an API token with the scope tasks:read, or an access token. A change is a
    readable line on a terminal, where changes of lists are shown too, and a line of JSON anywhere else.
    """
    import json
    import threading

    from doable.remote.tail import follow
    from doable.remote.tasks import names_of
    from doable.remote.text import describe
    from doable.server.run import stop_quietly
    from doable.terminal import width

    server = server_at(url, "the scope tasks:read")
    stop_quietly()
    threading.Thread(target=_exit_when_nobody_reads, daemon=True).start()
    is_read_by_people = width() is not None
    names: dict[str, str] | None = None
    query = [("since", str(since)), *([("kinds", "task,list")] if is_read_by_people else [])]

    def say_lost(reason: str) -> None:
        typer.echo(f"Not connected to {server.url} ({reason}); trying again.", err=True)

    try:
        for change in follow(server, query, say_lost):
            if is_read_by_people and names is None:
                names = {}
                with suppress(Misconfigured):  # a list without a name is shown by its id
                    names = names_of(server, "list")
            text = json.dumps(change) if names is None else describe(change, names, width())
            print(text, flush=True)  # noqa: T201 - this is the command's output
    except BrokenPipeError:
        leave_the_pipe()


@tasks_app.command("list", short_help="List your tasks.")
def list_tasks(
    *,
    url: Url = None,
    in_list: Annotated[
        str | None,
        typer.Option("--list", help="Only those of this list: its name, its id, or inbox.", metavar="NAME|ID"),
    ] = None,
    texts: Annotated[
        list[str] | None,
        typer.Option("--filter", help='Only those that this filter means: "today & @home".', metavar="FILTER"),
    ] = None,
    saved: Annotated[
        str | None,
        typer.Option(help="Only those of this saved filter, in its order: its name or its id.", metavar="NAME|ID"),
    ] = None,
    sort: Sort = None,
    everything: Annotated[bool, typer.Option("--all", help="Completed tasks too.")] = False,
    as_json: AsJSON = False,
) -> None:
    """List your open tasks, the newest first unless --sort says otherwise: id, title, due, priority, tags, list.

    The token is read from DOABLE_TOKEN: an API token with the scope tasks:read, or an access token. Columns in which
    there is nothing are left out. On a terminal, titles are cut to its width.

    A filter joins conditions by & (and), | (or) and ! (not): today, overdue, 7 days, due before friday, p1, #list, @tag,
    search:words and more. Completed tasks are among them if it says completed or all. `doable filters` saves filters.
    """
    if len(texts or ()) > 1:
        message = "Give one filter, whose conditions are joined by &, as in 'today & @home'."
        raise typer.BadParameter(message, param_hint="--filter")
    text = texts[0] if texts else None
    if everything and (text is not None or saved is not None):
        message = "Say it in the filter instead, as in '(today) & all'."
        raise typer.BadParameter(message, param_hint="--all")

    import json

    from doable.remote.tasks import id_of, id_of_list, names_of, read, wanted
    from doable.remote.text import cells, table
    from doable.terminal import width

    server = server_at(url, "the scope tasks:read")
    names = {} if as_json and in_list is None else names_of(server, "list")
    query = wanted(
        everything=everything,
        sort=sort,
        filter=text,
        filter_id=None if saved is None else id_of("filter", saved, names_of(server, "filter")),
        list=None if in_list is None else id_of_list(in_list, names),
    )
    try:
        if as_json:
            for task in read(server, query):
                typer.echo(json.dumps(task))
            return
        rows = [cells(task, names) for task in read(server, query)]
        if not rows:
            is_every_open_one = {**dict(query), "sort": sort} == {**dict(wanted()), "sort": sort}
            typer.echo(f"There are no {'open' if is_every_open_one else 'such'} tasks.", err=True)
            return
        for each in table(rows, width()):
            typer.echo(each)
    except BrokenPipeError:
        leave_the_pipe()


@tasks_app.command("add", short_help="Add a task.", context_settings={"allow_extra_args": True})
def add_task(
    context: typer.Context,
    text: Annotated[
        str,
        typer.Argument(help="The task, in quotes: 'Pay rent tomorrow 9am #home !high'.", metavar="TEXT"),
    ],
    *,
    url: Url = None,
    due: Annotated[
        str | None,
        typer.Option(help="The day, or the day and the time: 2026-12-01, or 2026-12-01T09:00.", metavar="DATE"),
    ] = None,
    priority: Annotated[str | None, typer.Option(help="none, low, medium or high.", metavar="PRIORITY")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag. May be given more than once.", metavar="TAG")] = None,
    in_list: Annotated[
        str | None,
        typer.Option("--list", help="A list that there is: its name, its id, or inbox.", metavar="NAME|ID"),
    ] = None,
    plain: Annotated[bool, typer.Option("--plain", help="Take the text as the title, whatever it says.")] = False,
    as_json: AsJSON = False,
) -> None:
    """Add a task, print it, and say what was understood of the text: dates, reminders, #list, /section, @tag, !high, ~30m.

    Options take precedence over the text. The token is read from DOABLE_TOKEN: an API token with the scope tasks:write,
    and with --list tasks:read too.
    """
    if context.args:
        message = "Put the text in quotes."
        raise typer.BadParameter(message, param_hint="TEXT")

    from doable.remote.tasks import INBOX, add, id_of_list, is_all_understood, names_of
    from doable.remote.tasks import due as moment_of
    from doable.remote.text import left, understood

    server = server_at(url, "the scope tasks:write")
    given: dict[str, Any] = {}
    if due is not None:
        given["due"] = moment_of(due)
    if priority is not None:
        given["priority"] = priority
    if tag:
        given["tags"] = [each.removeprefix("@") for each in tag]
    names: dict[str, str] = {}
    if in_list is not None:
        names = names_of(server, "list")
        list_id = id_of_list(in_list, names)
        given["list_id"] = None if list_id == INBOX else list_id
    task, pieces = add(server, text, given, plain=plain)
    said = {piece.value: piece.text.lstrip("#").strip('"') for piece in pieces if piece.kind == "list"}
    _show("Added", server, task, names or said, as_json=as_json)
    if pieces and not as_json:
        typer.echo(understood(pieces))
    if not plain and not as_json:
        sentences = [*left(text, task["title"], pieces)]
        if sentences and not pieces and is_all_understood(server, text, given.get("list_id")):
            sentences = ["Nothing would be left for a title, so the whole text is the title."]
        for sentence in sentences:
            typer.echo(sentence)


@tasks_app.command("complete", short_help="Complete a task.")
def complete_task(
    task_id: Annotated[str, typer.Argument(help="The id, or its end as `doable tasks list` shows it.", metavar="ID")],
    *,
    url: Url = None,
    as_json: AsJSON = False,
) -> None:
    """Complete a task and its open subtasks.

    The token is read from DOABLE_TOKEN: an API token with the scopes tasks:read and tasks:write.
    """
    from doable.remote.tasks import id_of_task

    server = server_at(url, "the scopes tasks:read and tasks:write")
    path = f"/api/me/tasks/{id_of_task(server, task_id)}/complete"
    _show("Completed", server, server.ask(path, method="PATCH", body={"is_completed": True}), {}, as_json=as_json)


def server_at(url: str | None, scopes: str) -> "RemoteServer":
    """The server that the command is about. Raises Misconfigured without a token."""
    from doable.remote.server import RemoteServer
    from doable.settings import Settings

    settings = Settings.load()
    if settings.doable_token is None:
        message = (
            f"DOABLE_TOKEN is missing. Set it to an API token with {scopes}; docs/operations.md says how to make one."
        )
        raise Misconfigured(message)
    return RemoteServer(settings.doable_url if url is None else url, settings.doable_token.get_secret_value().strip())


def _show(done: str, server: "RemoteServer", task: dict[str, Any], names: dict[str, str], *, as_json: bool) -> None:
    import json

    from doable.remote.server import NOT_DOABLE
    from doable.remote.tasks import names_of
    from doable.remote.text import SHORT_ID, line

    try:
        if as_json:
            typer.echo(json.dumps(task))
            return
        if task["list_id"] is not None:
            with suppress(Misconfigured):  # a token that may only write is told no names
                names = names_of(server, "list")
        typer.echo(f"{done} {task['id'][-SHORT_ID:]}  {line(task, names)}")
    except (KeyError, TypeError):
        raise Misconfigured(NOT_DOABLE) from None


def _exit_when_nobody_reads() -> None:
    """End the process when the reader of its output has gone, even while there is nothing to print."""
    import select

    output = select.poll()
    output.register(sys.stdout, 0)  # for errors alone
    output.poll()
    os._exit(0)


def leave_the_pipe() -> None:
    """The reader has had enough. Python would complain of the pipe once more when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
