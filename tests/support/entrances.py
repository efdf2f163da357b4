"""Every way into the application: what its router, what is mounted in it and what is around it may answer."""

from collections.abc import Iterator
from typing import Any

from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from doable.http.application import Application

Entrance = tuple[str, str]
"""A method in lower case and a path; or what else it is, and where."""


def entrances(app: Application) -> set[Entrance]:
    """Those of the application as it is served, whether they are documented or not. What is not known has its class's name."""
    found = set(_around(app.answer, app))
    found.update((method.lower(), route.path) for route in app.router.routes for method in route.methods)
    for first, mounted in app.router.mounted.items():
        found.add(("mount", f"/{first}"))
        for route in getattr(mounted, "routes", ()):
            found.update(_of(route, f"/{first}"))
    return found


def _around(answer: ASGIApp | Any, app: Application) -> Iterator[Entrance]:
    """What a request goes through before it is at the router."""
    while answer is not app.router:
        yield "middleware", getattr(answer, "__name__", type(answer).__name__)
        answer = getattr(answer, "app", app.router)


def _of(route: BaseRoute, prefix: str) -> Iterator[Entrance]:
    if isinstance(route, Mount):
        yield "mount", prefix + route.path
        for each in route.routes:
            yield from _of(each, prefix + route.path)
    elif isinstance(route, Route):
        for method in route.methods or {"any method"}:
            yield method.lower(), prefix + route.path
    else:
        yield type(route).__name__, prefix + getattr(route, "path", repr(route))
