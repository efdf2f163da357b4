"""`doable filters`. As in `cli`, imports are inside the commands."""

from typing import Annotated

import typer

from doable.remote.commands import Sort, Url, leave_the_pipe, server_at

AsJSON = Annotated[bool, typer.Option("--json", help="Print JSON, one filter a line.")]

filters_app = typer.Typer(
    help="List, add and remove your own saved filters.", no_args_is_help=True, rich_markup_mode=None
)


@filters_app.command("list", short_help="List your saved filters.")
def list_filters(*, url: Url = None, as_json: AsJSON = False) -> None:
    """List your saved filters, in your order: name, filter, order of the tasks.

    The token is read from DOABLE_TOKEN: an API token with the scope tasks:read, or an access token.
    """
    import json

    from doable.remote.tasks import all_of
    from doable.remote.text import OF_FILTERS, table
    from doable.terminal import printable, width

    found = all_of(server_at(url, "the scope tasks:read"), "filter")
    try:
        if as_json:
            for each in found:
                typer.echo(json.dumps(each))
        elif found:
            rows = [[printable(each[name] or "") for name in ("name", "query", "sort")] for each in found]
            for line in table(rows, width(), OF_FILTERS):
                typer.echo(line)
        else:
            typer.echo("There are no saved filters.", err=True)
    except BrokenPipeError:
        leave_the_pipe()


@filters_app.command("add", short_help="Save a filter.")
def add_filter(
    name: Annotated[str, typer.Argument(help="What it is called.", metavar="NAME")],
    text: Annotated[str, typer.Argument(help="The filter, in quotes: 'today & @home'.", metavar="FILTER")],
    *,
    url: Url = None,
    sort: Sort = None,
    as_json: AsJSON = False,
) -> None:
    """Save a filter, for `doable tasks list --saved NAME` and your other clients.

    The token is read from DOABLE_TOKEN: an API token with the scope tasks:write.
    """
    import json

    from doable.remote.server import Refused
    from doable.remote.tasks import with_place
    from doable.terminal import printable

    server = server_at(url, "the scope tasks:write")
    try:
        made = server.ask("/api/me/filters", method="POST", body={"name": name, "query": text, "sort": sort})
    except Refused as error:
        raise with_place(error, text) from None
    typer.echo(json.dumps(made) if as_json else f"Added {printable(name.strip())}: {printable(text)}")


@filters_app.command("remove", short_help="Remove a saved filter.")
def remove_filter(
    name: Annotated[str, typer.Argument(help="Its name or its id.", metavar="NAME|ID")], *, url: Url = None
) -> None:
    """Remove a saved filter. No task is touched.

    The token is read from DOABLE_TOKEN: an API token with the scopes tasks:read and tasks:write.
    """
    from doable.remote.tasks import id_of, names_of
    from doable.terminal import printable

    server = server_at(url, "the scopes tasks:read and tasks:write")
    names = names_of(server, "filter")
    filter_id = id_of("filter", name, names)
    server.ask(f"/api/me/filters/{filter_id}", method="DELETE")
    typer.echo(f"Removed {printable(names[filter_id])}.", err=True)
