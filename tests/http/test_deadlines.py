"""How long a client may take: to begin, to send a head or a body, and between two requests."""

import time
from contextlib import ExitStack
from select import select

import pytest

from doable.http.connections import Phase, most_connections, seconds_allowed
from support.raw import Answer, connect, head, read, receive_answer, send
from support.server import Server


@pytest.mark.parametrize(
    ("phase", "received", "seconds"),
    [
        (Phase.NEW, 0, 5),
        (Phase.HEAD, 0, 5),
        (Phase.IDLE, 0, 130),
        (Phase.BODY, 0, 15),
        (Phase.BODY, 15 * 1024, 15),
        (Phase.BODY, 60 * 1024, 60),
        (Phase.BODY, 5 * 1024 * 1024, 120),
        (Phase.ANSWER, 0, float("inf")),
        (Phase.DRAIN, 0, 2),
        (Phase.CLOSE, 0, 130),
    ],
)
def test_each_phase_has_its_time(phase: Phase, received: int, seconds: float) -> None:
    assert seconds_allowed(phase, received, 130) == seconds


@pytest.mark.parametrize(
    ("descriptors", "connections"), [(100, 50), (256, 128), (1024, 896), (20_000, 18_000), (1_048_576, 943_719)]
)
def test_some_descriptors_are_kept_for_other_things(descriptors: int, connections: int) -> None:
    assert most_connections(descriptors) == connections


def test_a_silent_connection_and_a_slow_head_end_and_an_idle_one_does_not(one_server: Server) -> None:
    """All at the same time, to wait once."""
    with ExitStack() as stack:
        silent, slow, idle = (stack.enter_context(connect(one_server)) for _ in range(3))
        send(idle, head("GET", "/livez"))
        assert receive_answer(idle).status == 200
        began = time.monotonic()
        send(slow, b"GET /livez HTTP/1.1\r\nHost: ")
        while not select([slow], [], [], 0.5)[0]:
            send(slow, b"a")  # which does not move its deadline
            assert time.monotonic() - began < 30
        assert read(silent) == b""
        answer, rest = Answer.first(read(slow))
        assert time.monotonic() - began > 4.5
        assert (answer.status, answer.error["code"], rest) == (408, "request_timeout", b"")
        assert answer.headers["connection"] == "close"
        send(idle, head("GET", "/livez", "Connection: close"))
        assert Answer.first(read(idle))[0].status == 200
