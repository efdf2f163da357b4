"""A route is found by the segments of a path, as Starlette's patterns would find it."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.routing import Match
from starlette.types import Receive, Scope, Send

from doable.app import ROUTERS
from doable.http.dispatch import Dispatch
from doable.http.requests import JSONRoute

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, JSONRoute)]
SEGMENTS = sorted({segment for route in ROUTES for segment in route.path.split("/")})


async def nothing(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise AssertionError


DISPATCH = Dispatch(nothing, ROUTES)


def of(method: str, path: str) -> Scope:
    return {"type": "http", "method": method, "path": path, "root_path": ""}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.name} {route.path}")
def test_every_route_is_found(route: JSONRoute) -> None:
    values = {name: str(uuid.uuid4()) for name in route.param_convertors}
    for method in route.methods:
        assert DISPATCH.find(of(method, route.path_format.format(**values))) == (route, values)


@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
    segments=st.lists(st.sampled_from([*SEGMENTS, "", "me", "{}", "%2F", "GET"]) | st.text(max_size=5), max_size=7),
)
def test_finds_what_starlette_would_find_or_leaves_it_alone(method: str, segments: list[str]) -> None:
    scope = of(method, "/" + "/".join(segments))
    found = DISPATCH.find(scope)
    if found is not None:
        matching = (route for route in ROUTES if route.matches(scope)[0] is Match.FULL)
        first = next(matching)
        assert found == (first, first.matches(scope)[1]["path_params"])
