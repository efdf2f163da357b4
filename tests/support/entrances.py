"""Every way into the application: what its routers, its middleware and what is mounted in it may answer."""

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount, Route

Entrance = tuple[str, str]
"""A method in lower case and a path; or what else it is, and where."""


def entrances(app: FastAPI) -> set[Entrance]:
    """Those of the application as it is served, whether they are documented or not. What is not known has its class's name."""
    found = set(_of(app.routes, ""))
    for each in app.user_middleware:
        found.add(("middleware", getattr(each.cls, "__name__", repr(each.cls))))
        # One that answers by itself says what.
        routes: Any = each.kwargs.get("routes", ())
        found.update(_of(routes, ""))
    return found


def _of(routes: Iterable[BaseRoute], prefix: str) -> Iterator[Entrance]:
    for route in routes:
        included: Any = route
        if hasattr(included, "original_router"):  # FastAPI's own, which has no public name
            yield from _of(included.original_router.routes, prefix + included.include_context.prefix)
        elif isinstance(route, Mount):
            yield "mount", prefix + route.path
            yield from _of(route.routes, prefix + route.path)
        elif isinstance(route, Route):
            for method in route.methods or {"any method"}:
                yield method.lower(), prefix + route.path
        else:
            yield type(route).__name__, prefix + getattr(route, "path", repr(route))
