"""What a server has logged."""

import json
import time
from typing import Any

from support.server import Server


def lines(server: Server) -> list[dict[str, Any]]:
    """Every whole line of JSON so far."""
    logged = server.log
    complete = logged[: logged.rfind("\n") + 1]
    return [json.loads(line) for line in complete.splitlines() if line.startswith("{")]


def line_of(server: Server, request_id: str, event: str = "request") -> dict[str, Any]:
    """The one line of this event of this request. It is logged after the answer, so it may take a moment."""
    deadline = time.monotonic() + 10
    while True:
        found = [line for line in lines(server) if line["event"] == event and line.get("request_id") == request_id]
        if found:
            assert len(found) == 1
            return found[0]
        assert time.monotonic() < deadline, server.log
        time.sleep(0.01)
