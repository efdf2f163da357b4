"""What a route declares is done, or is refused when the application is made."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial
from types import SimpleNamespace
from typing import Annotated, Any

import httpx
import pytest
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from doable.http.notes import Depends, Header, Path, Query
from doable.http.requests import JSONRoute


class Filter(BaseModel):
    limit: int = 1


async def dependency() -> str:
    return "a value"


async def generator() -> AsyncIterator[str]:
    yield "a value"


def plain() -> str:
    return "another value"


class Made:
    """One for each request would need somebody to end it."""


async def takes_a_model(body: Filter) -> Filter:
    return body


async def takes_a_parameter(value: str) -> str:
    return value


REFUSED: dict[str, Any] = {
    "a generator": Annotated[str, Depends(generator)],
    "a class": Annotated[Made, Depends(Made)],
    "an object that can be called": Annotated[str, Depends(partial(plain))],
    "two notes": Annotated[str, Query(), Header()],
    "a response to change": Response,
    "a parameter of the query without a note": int,
    "a model of the query": Annotated[Filter, Query()],
    "a model of the query, perhaps": Annotated[Filter | None, Query()],
    "a model of the headers": Annotated[Filter, Header()],
    "a list of headers": Annotated[list[str], Header()],
    "what is not in the path": Annotated[str, Path()],
    "a dependency with a body": Annotated[Filter, Depends(takes_a_model)],
    "a dependency with a parameter without a note": Annotated[str, Depends(takes_a_parameter)],
}


def route(function: Callable[..., Any], path: str = "/api/a") -> JSONRoute:
    return JSONRoute(path, function, ("POST",))


@pytest.mark.parametrize("declared", REFUSED.values(), ids=REFUSED)
def test_what_no_request_has_is_refused(declared: Any) -> None:
    async def function(value: declared) -> Response:
        raise AssertionError(value)

    with pytest.raises(TypeError, match="asks for what no request can give it"):
        route(function)


def test_a_default_in_place_of_a_dependency_is_refused() -> None:
    async def function(value: Annotated[str, Depends(dependency)] = "a value") -> Response:
        raise AssertionError(value)

    with pytest.raises(TypeError, match="asks for what no request can give it"):
        route(function)


def test_two_bodies_are_refused() -> None:
    async def function(one: Filter, other: Filter) -> Response:
        raise AssertionError(one, other)

    with pytest.raises(TypeError, match="asks for what no request can give it"):
        route(function)


@pytest.mark.parametrize("function", [generator, plain])
def test_a_route_is_a_coroutine_function(function: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="asks for what no request can give it"):
        route(function)


def ask(made: JSONRoute, target: str = "", headers: list[tuple[str, str]] | None = None, **options: Any) -> Any:
    """What the route answers; `one` is the parameter of its path."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        scope["path_params"], scope["app"] = {"one": "first"}, SimpleNamespace(limits={})
        await made.handle(scope, receive, send)

    async def answer() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a") as client:
            return await client.post(f"/api/a{target}", headers=headers, **options)

    return asyncio.run(answer()).json()


async def answers_everything(
    request: Request,
    one: Annotated[str, Path()],
    found: Annotated[str, Depends(dependency)],
    plainly: Annotated[str, Depends(plain)],
    tags: Annotated[list[str] | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, alias="at_most")] = 7,
    if_match: Annotated[str | None, Header()] = None,
    other: Annotated[str | None, Header(alias="X-Other")] = None,
    body: Filter | None = None,
) -> Response:
    return JSONResponse(
        {
            "method": request.method,
            "one": one,
            "found": found,
            "plainly": plainly,
            "tags": tags,
            "limit": limit,
            "if_match": if_match,
            "other": other,
            "body": body and body.limit,
        }
    )


EVERYTHING = route(answers_everything, "/api/{one}")
NOTHING = {
    "method": "POST",
    "one": "first",
    "found": "a value",
    "plainly": "another value",
    "tags": None,
    "limit": 7,
    "if_match": None,
    "other": None,
    "body": None,
}


def test_what_is_declared_is_what_the_function_gets() -> None:
    assert ask(EVERYTHING) == NOTHING
    assert ask(
        EVERYTHING, "?tags=a&at_most=3&tags=b,c", [("If-Match", '"1"'), ("X-Other", "a")], json={"limit": 2}
    ) == {**NOTHING, "tags": ["a", "b,c"], "limit": 3, "if_match": '"1"', "other": "a", "body": 2}


def test_one_value_of_a_list_is_a_list_and_none_is_empty_text() -> None:
    assert ask(EVERYTHING, "?tags=a")["tags"] == ["a"]
    assert ask(EVERYTHING, "?tags=")["tags"] == [""]


def test_several_lines_of_a_header_are_one_list() -> None:
    assert ask(EVERYTHING, "", [("If-Match", '"1"'), ("X-Other", "a"), ("if-match", '"2", "3"')]) == {
        **NOTHING,
        "if_match": '"1", "2", "3"',
        "other": "a",
    }


async def takes_a_flag(
    is_it: Annotated[bool | None, Query()] = None, numbers: Annotated[list[int] | None, Query()] = None
) -> Response:
    return JSONResponse({"is_it": is_it, "numbers": numbers})


def test_a_flag_in_an_address_is_true_or_false() -> None:
    assert ask(route(takes_a_flag), "?is_it=true")["is_it"] is True
    assert ask(route(takes_a_flag), "?is_it=false")["is_it"] is False
    for value in ("", "1", "True", "on", "null", " true"):
        answer = ask(route(takes_a_flag), f"?is_it={value}")
        assert problems(answer) == [("query.is_it", "bool_parsing")]
        assert answer["message"] == "is_it: must be true or false."


def test_a_wrong_one_among_several_is_named_by_its_parameter() -> None:
    assert problems(ask(route(takes_a_flag), "?numbers=1&numbers=a")) == [("query.numbers", "int_parsing")]


def problems(answer: Any) -> list[tuple[str, str]]:
    return [(".".join(map(str, each["loc"])), each["type"]) for each in answer["detail"]]


def test_everything_that_is_wrong_is_said_at_once() -> None:
    answer = ask(EVERYTHING, "?at_most=0&limit=3&tags=a&<b>", json={"limit": []})
    assert problems(answer) == [
        ("query.at_most", "greater_than_equal"),
        ("body.limit", "int_type"),
        ("query.limit", "unknown_parameter"),
        ("query", "unknown_parameter"),
    ]
    assert answer["message"] == "at_most: at least 1 (and 3 more problems)."


@pytest.mark.parametrize(
    ("query", "problem", "message"),
    [
        ("at_most=1&at_most=1", ("query.at_most", "repeated_parameter"), "at_most: must come once."),
        (
            "limit=3",
            ("query.limit", "unknown_parameter"),
            "limit: this is no parameter of this address; there are tags and at_most.",
        ),
        (
            "tag[]=3",
            ("query.tag[]", "unknown_parameter"),
            "tag[]: this is no parameter of this address; there are tags and at_most.",
        ),
        (
            "a%3D1",
            ("query", "unknown_parameter"),
            "query: one is no parameter of this address; there are tags and at_most.",
        ),
    ],
)
def test_a_parameter_that_is_not_known_or_repeated_is_named(query: str, problem: tuple[str, str], message: str) -> None:
    answer = ask(EVERYTHING, f"?{query}")
    assert problems(answer) == [problem]
    assert answer["message"] == message


def test_outside_of_the_api_others_may_add_parameters() -> None:
    async def live() -> Response:
        return JSONResponse({})

    assert ask(route(live, "/livez"), "?now=1") == {}
    assert ask(route(live, "/api/livez"), "?now=1")["message"] == "now: this is no parameter of this address."


class Names(BaseModel):
    names: Annotated[list[str], Field(max_length=2)]


async def takes_names(body: Names) -> Response:
    raise AssertionError(body)


def test_what_is_declared_of_a_body_is_checked() -> None:
    assert problems(ask(route(takes_names), json={"names": ["a", 1]})) == [("body.names.1", "string_type")]
    assert problems(ask(route(takes_names))) == [("body", "missing")]
    assert problems(ask(route(takes_names), json=[])) == [("body", "model_attributes_type")]
