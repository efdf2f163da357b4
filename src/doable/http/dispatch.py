"""Which route a request is for."""

from collections.abc import Iterable
from typing import Any, Final

from starlette.types import ASGIApp, Receive, Scope, Send

from doable.http.requests import JSONRoute

PARAMETER: Final = None


class Dispatch:
    """Finds a route by the segments of the path, in the same time for each.

    What it does not find is left to the application behind it: the documentation, and what is 404 or 405. FastAPI's own
    router, which is there too, matches one pattern after the other, and each pattern of an included router twice.
    """

    def __init__(self, app: ASGIApp, routes: Iterable[JSONRoute]) -> None:
        self._app = app
        # Segment by segment: a constant, or PARAMETER for any; at the end the method.
        self._tree: dict[Any, Any] = {}
        for route in routes:
            node = self._tree
            for segment in route.path_format[1:].split("/"):
                node = node.setdefault(PARAMETER if segment.startswith("{") else segment, {})
            for method in route.methods:
                node.setdefault((method,), (route, tuple(route.param_convertors)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (found := self.find(scope)) is not None:
            scope["route"], scope["path_params"] = found
            await scope["route"].handle(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def find(self, scope: Scope) -> tuple[JSONRoute, dict[str, str]] | None:
        """The route and the values of its path, as Starlette's pattern would find them."""
        node = self._tree
        values = []
        for segment in scope["path"][1:].split("/"):
            child = node.get(segment)
            if child is None:
                child = node.get(PARAMETER)
                if child is None or not segment:
                    return None
                values.append(segment)
            node = child
        found = node.get((scope["method"],))
        return None if found is None else (found[0], dict(zip(found[1], values, strict=True)))
