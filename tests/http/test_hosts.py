"""ALLOWED_HOSTS: a page whose own name leads to this server gets nothing from it."""

import httpx
import pytest

from conftest import NewServer
from support.raw import Answer, exchange
from support.users import assert_error


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_host_that_is_not_named_is_421(new_server: NewServer) -> None:
    with (
        new_server(ALLOWED_HOSTS="tasks.example.com,[::1]") as server,
        httpx.Client(base_url=server.url, timeout=30) as client,
    ):
        for host in ("tasks.example.com", "Tasks.Example.com:8443", "[::1]", "[::1]:80"):
            assert_error(client.get("/nothing", headers={"Host": host}), 404, "route_not_found")
        for host in ("evil.example", "tasks.example.com.evil.example", "127.0.0.1", "[::2]"):
            assert_error(client.get("/nothing", headers={"Host": host}), 421, "host_not_allowed")
        for path in ("/livez", "/readyz", "/health"):
            assert client.get(path).status_code == 200
        without = [exchange(server, f"GET {path} HTTP/1.0\r\n\r\n".encode()) for path in ("/readyz", "/nothing")]
        assert [Answer.first(each)[0].status for each in without] == [200, 421]
