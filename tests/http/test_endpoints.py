"""What a route may ask for: whatever only FastAPI could give fails when the application is made, not at a request."""

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, BackgroundTasks, Body, Cookie, Depends, Response

from doable.http.requests import JSONRoute


async def generator() -> AsyncIterator[str]:
    yield "a value"


async def asks_for_a_generator(_value: Annotated[str, Depends(generator)]) -> Response:
    raise AssertionError


async def asks_for_a_cookie(_value: Annotated[str, Cookie()]) -> Response:
    raise AssertionError


async def asks_for_a_response(response: Response) -> Response:
    return response


async def asks_for_background_tasks(_tasks: BackgroundTasks) -> Response:
    raise AssertionError


async def asks_for_two_bodies(one: Annotated[str, Body()], other: Annotated[str, Body()]) -> Response:
    return Response(one + other)


async def takes_a_body(one: Annotated[str, Body()]) -> str:
    return one


async def asks_for_one_that_takes_a_body(_value: Annotated[str, Depends(takes_a_body)]) -> Response:
    raise AssertionError


@pytest.mark.parametrize(
    "function",
    [
        asks_for_a_generator,
        asks_for_a_cookie,
        asks_for_a_response,
        asks_for_background_tasks,
        asks_for_two_bodies,
        asks_for_one_that_takes_a_body,
    ],
)
def test_what_only_fastapi_can_do_is_refused(function: Callable[..., Any]) -> None:
    router = APIRouter(route_class=JSONRoute)
    with pytest.raises(TypeError, match="needs what only FastAPI can do"):
        router.post("/", response_model=None)(function)
