"""A route is found by the segments of a path, as Starlette's patterns would find it; what is mounted gets all below."""

import asyncio
import uuid
from types import SimpleNamespace

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from doable.app import PLAIN_PAGES, ROUTERS, routes_of
from doable.http.requests import JSONRoute, Routes
from doable.http.router import Router

ROUTES = routes_of(*ROUTERS, *PLAIN_PAGES)
SEGMENTS = sorted({segment for route in ROUTES for segment in route.path.split("/")})
OF_STARLETTE = [Route(route.path, route.endpoint, methods=route.methods) for route in ROUTES]
ROUTER = Router(ROUTES, {})


async def function() -> Response:
    raise AssertionError


def test_no_route_is_there_twice() -> None:
    with pytest.raises(TypeError, match="two routes"):
        Router([*ROUTES, ROUTES[0]], {})


def test_a_parameter_that_is_more_than_a_segment_is_refused() -> None:
    for path in ("/{rest:path}", "/{number:int}", "/{one}.{other}", "/v{one}", "/{}", "/{one"):
        with pytest.raises(TypeError, match="more or less than a segment"):
            Routes().get(path, response_model=None)(function)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.name} {route.path}")
def test_every_route_is_found(route: JSONRoute) -> None:
    values = {name: str(uuid.uuid4()) for name in route.names}
    found = ROUTER.find(route.path.format(**values))
    assert found is not None
    assert found[1] == tuple(values.values())
    assert [found[0][method] for method in route.methods] == [route] * len(route.methods)


@given(
    segments=st.lists(st.sampled_from([*SEGMENTS, "", "me", "{}", "%2F", "GET"]) | st.text(max_size=5), max_size=7),
    more=st.sampled_from(["", "\n"]),
)
def test_finds_an_address_where_starlette_would_find_one(segments: list[str], more: str) -> None:
    path = "/" + "/".join(segments) + more
    matching = [
        (
            route,
            of_starlette.matches({"type": "http", "method": next(iter(route.methods)), "path": path, "root_path": ""}),
        )
        for route, of_starlette in zip(ROUTES, OF_STARLETTE, strict=True)
    ]
    # Its pattern ends with `$`, which stands before a line feed too.
    by_starlette = {
        route.path: tuple(child["path_params"].values())
        for route, (match, child) in matching
        if match is Match.FULL and route.path.count("/") == path.count("/") and (not more or route.path.endswith("}"))
    }
    found = ROUTER.find(path)
    if found is None:
        assert not by_starlette
    else:
        # Of several, the one with the fewest parameters.
        (address,) = {route.path for route in found[0].values()}
        assert found[1] == by_starlette[address]
        assert len(found[1]) == min(map(len, by_starlette.values()))


async def mounted(scope: Scope, receive: Receive, send: Send) -> None:
    answer = JSONResponse([scope["method"], scope["root_path"], scope["path"]])
    await answer(scope, receive, send)


@pytest.mark.parametrize(
    ("method", "path", "status", "expected"),
    [
        ("PROPFIND", "/dav", 200, ["PROPFIND", "/dav", "/dav"]),
        ("OPTIONS", "/dav/", 200, ["OPTIONS", "/dav", "/dav/"]),
        ("GET", "/dav/a/b", 200, ["GET", "/dav", "/dav/a/b"]),
        ("GET", "/davs", 404, None),
        ("GET", "/a/dav", 404, None),
        ("GET", "/livez/dav", 404, None),
    ],
)
def test_what_is_mounted_gets_every_method_and_all_below(
    method: str, path: str, status: int, expected: list[str] | None
) -> None:
    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(Router(ROUTES, {"dav": mounted}))
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
            return await client.request(method, path)

    answer = asyncio.run(ask())
    assert answer.status_code == status
    assert expected is None or answer.json() == expected


def test_below_another_application_the_rest_of_the_path_counts() -> None:
    async def ask() -> httpx.Response:
        router = Router(ROUTES, {"dav": mounted})

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope["app"] = SimpleNamespace(limits={})
            await router(scope, receive, send)

        transport = httpx.ASGITransport(app, root_path="/doable")
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
            assert (await client.get("/doable/livez")).status_code == 200
            return await client.get("/doable/dav/a")

    assert asyncio.run(ask()).json() == ["GET", "/doable/dav", "/doable/dav/a"]


@pytest.mark.parametrize("prefix", ["/tasks", "/api", "/api/v1", "/docs"])
@pytest.mark.parametrize("path", ["/livez", "/dav/a", "/api/nobody/tasks", "/health"])
def test_a_proxy_may_take_the_path_of_the_public_url_away_or_not(prefix: str, path: str) -> None:
    async def ask(path: str) -> tuple[int, bytes]:
        transport = httpx.ASGITransport(Router(ROUTES, {"dav": mounted}, prefix))
        async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
            answer = await client.put(path)  # no route with this method, but for what is mounted
            return answer.status_code, answer.content

    assert asyncio.run(ask(path)) == asyncio.run(ask(f"{prefix}{path}"))
    assert asyncio.run(ask(path))[0] in {200, 405}
    assert asyncio.run(ask(f"/other{path}"))[0] == asyncio.run(ask(f"{prefix}x{path}"))[0] == 404


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/tasks/livez", "/livez"),
        ("/livez", "/livez"),
        ("/tasks/docs/assets/docs.js", None),
        ("/tasks/an-id", "/tasks/{task_id}"),
        ("/tasks/tasks/an-id", "/tasks/{task_id}"),
        ("/tasks/api/me/tasks/an-id", "/api/{user_id}/tasks/{task_id}"),
    ],
)
def test_below_a_path_that_is_a_route_as_well_the_one_with_fewer_parameters_is_meant(
    path: str, route: str | None
) -> None:
    scopes: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scopes.append(scope)
        await Router(ROUTES, {}, "/tasks")(scope, receive, send)

    async def ask() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a") as client:
            await client.request("PURGE", path)  # no route has it, so that none runs

    asyncio.run(ask())
    found = scopes[0].get("route")
    assert (found and found.path) == route
