"""What an edge of another protocol does not look for is still answered as it should be."""

import asyncio
import logging

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from doable.errors import Busy, Overloaded, Unavailable
from doable.http.middleware import Guard, RequestLog
from support.users import assert_error


async def _answered(error: type[Unavailable]) -> httpx.Response:
    async def edge(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise error

    transport = httpx.ASGITransport(RequestLog(Guard(edge), ()))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return await client.post("/")


@pytest.mark.parametrize("error", [Overloaded, Busy, Unavailable])
def test_whoever_asks_for_too_much_may_ask_again(error: type[Unavailable], caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        answer = asyncio.run(_answered(error))
    assert_error(answer, 503, error.code)
    assert not caplog.records
