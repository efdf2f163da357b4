"""One's own tasks at a server."""

from doable.errors import Misconfigured
from doable.remote.server import NOT_DOABLE, RemoteServer


def names_of_lists(server: RemoteServer) -> dict[str, str]:
    """The names of one's lists, by their ids."""
    try:
        return {each["id"]: each["name"] for each in server.ask("/api/me/lists")["lists"]}
    except (KeyError, TypeError):
        raise Misconfigured(NOT_DOABLE) from None
