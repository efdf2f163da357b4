"""`doable tail`. As in `cli`, imports are inside the commands."""

import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from doable.errors import Misconfigured

if TYPE_CHECKING:
    from doable.remote.server import RemoteServer

Url = Annotated[
    str | None,
    typer.Option(help="The address of the server. Otherwise DOABLE_URL, or else http://127.0.0.1:8000."),
]


def tail(
    *,
    url: Url = None,
    since: Annotated[int, typer.Option(help="The revision that you know already; 0 is for everything.", min=0)] = 0,
) -> None:
    """Print all of your tasks, and then each change as it comes, until Ctrl-C.

    The token is read from DOABLE_TOKEN: an API token with the scope tasks:read, or an access token. A change is a
    readable line on a terminal, where changes of lists are shown too, and a line of JSON anywhere else.
    """
    import json
    import threading

    from doable.remote.tail import follow
    from doable.remote.tasks import names_of_lists
    from doable.remote.text import describe
    from doable.server.run import stop_quietly
    from doable.terminal import width

    server = _server(url, "the scope tasks:read")
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
                    names = names_of_lists(server)
            text = json.dumps(change) if names is None else describe(change, names, width())
            print(text, flush=True)  # noqa: T201 - this is the command's output
    except BrokenPipeError:
        _leave_the_pipe()


def _server(url: str | None, scopes: str) -> "RemoteServer":
    from doable.remote.server import RemoteServer
    from doable.settings import Settings

    settings = Settings.load()
    if settings.doable_token is None:
        message = f"DOABLE_TOKEN is missing. Make an API token with {scopes}, and set it to that."
        raise Misconfigured(message)
    return RemoteServer(settings.doable_url if url is None else url, settings.doable_token.get_secret_value().strip())


def _exit_when_nobody_reads() -> None:
    """End the process when the reader of its output has gone, even while there is nothing to print."""
    import select

    output = select.poll()
    output.register(sys.stdout, 0)  # for errors alone
    output.poll()
    os._exit(0)


def _leave_the_pipe() -> None:
    """The reader has had enough. Python would complain of the pipe once more when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
