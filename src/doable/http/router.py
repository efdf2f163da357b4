"""Finds the route of a request, and answers if there is none."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from doable.http.errors import http_error_response
from doable.http.requests import JSONRoute

PARAMETER: Final = None
"""Any segment, in the tree."""
METHODS: Final = 0
"""The end of an address, in the tree: its routes by method."""

Methods = Mapping[str, JSONRoute]


class Router:
    """Finds a route by the segments of the path, in the same time for each.

    `mounted` are other applications, by the first segment of their paths. A path that begins with it and has no route is
    theirs, with any method. `prefix` is what proxies may take away from every path, or leave there.
    """

    def __init__(self, routes: Iterable[JSONRoute], mounted: Mapping[str, ASGIApp], prefix: str = "") -> None:
        self.routes = tuple(routes)
        self.mounted = mounted
        self._prefix = f"{prefix}/"
        self.nothing_here = f"There is nothing at this address. The documentation is at {prefix}/docs."
        self._tree: dict[Any, Any] = {}
        for route in self.routes:
            node = self._tree
            for segment in route.path[1:].split("/"):
                node = node.setdefault(PARAMETER if segment.startswith("{") else segment, {})
            methods = node.setdefault(METHODS, {})
            for method in [*route.methods, *(["HEAD"] if "GET" in route.methods else [])]:
                if method in methods:
                    message = f"There are two routes for {method} {route.path}"
                    raise TypeError(message)
                methods[method] = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        found = self.find(path)
        if len(self._prefix) > 1 and f"{path}/".startswith(self._prefix):
            below = path[len(self._prefix) - 1 :] or "/"
            found_below = self.find(below)
            # Below /tasks, neither /tasks/livez nor /tasks/mcp is a task.
            is_closer = found is None or (found_below is not None and len(found_below[1]) < len(found[1]))
            if is_closer or below[1:].partition("/")[0] in self.mounted:
                path, found = below, found_below
                scope["path"] = path
                scope["raw_path"] = scope["raw_path"].removeprefix(self._prefix[:-1].encode())
        if found is None:
            first = path[1:].partition("/")[0]
            answer = self.mounted.get(first)
            if answer is None:
                answer = http_error_response(404, message=self.nothing_here)
            else:
                scope["root_path"] = f"{scope.get('root_path', '')}/{first}"
            await answer(scope, receive, send)
            return
        methods, values = found
        route = methods.get(scope["method"])
        if route is None:
            scope["route"] = next(iter(methods.values()))  # for the log line
            await _without_route(methods, scope["method"])(scope, receive, send)
            return
        scope["route"] = route
        scope["path_params"] = dict(zip(route.names, values, strict=True))
        await route.handle(scope, receive, send)

    def find(self, path: str) -> tuple[Methods, tuple[str, ...]] | None:
        """The routes of the address by method, and the values in it. A constant goes before a parameter."""
        segments = path.split("/")[1:]
        node, index = self._tree, 0
        values: tuple[str, ...] = ()
        turns: list[tuple[dict[Any, Any], tuple[str, ...], int]] = []
        """The turns where a parameter would have matched too."""
        while True:
            if index == len(segments):
                if METHODS in node:
                    return node[METHODS], values
                child = None
            else:
                segment = segments[index]
                child, any_child = node.get(segment), node.get(PARAMETER) if segment else None
                index += 1
                if child is None:
                    child, values = any_child, (*values, segment)
                elif any_child is not None:
                    turns.append((any_child, (*values, segment), index))
            if child is not None:
                node = child
            elif turns:
                node, values, index = turns.pop()
            else:
                return None


def _without_route(methods: Methods, method: str) -> Response:
    """OPTIONS names the methods of the address, and any other method is refused (RFC 9110, sections 9.3.7 and 15.5.6)."""
    allow = {"Allow": ", ".join(sorted([*methods, "OPTIONS"]))}
    return Response(status_code=204, headers=allow) if method == "OPTIONS" else http_error_response(405, allow)
