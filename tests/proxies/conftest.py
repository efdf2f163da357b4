"""One Doable for all tests behind proxies, and one proxy of each kind."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from support.reverse_proxies import ReverseProxy, needs
from support.server import Server
from support.users import User

EXAMPLES = ("nginx.conf", "haproxy.cfg", "Caddyfile", "apache.conf")


@pytest.fixture(scope="session")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that believes the proxy before it."""
    with Server(tmp_path_factory.mktemp("upstream"), TRUSTED_PROXIES="127.0.0.1") as running:
        yield running


@pytest.fixture(scope="session", params=[pytest.param(each, marks=needs(each)) for each in EXAMPLES])
def behind(
    request: pytest.FixtureRequest, upstream: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ReverseProxy]:
    """A proxy before that server, which it takes for two."""
    with ReverseProxy(request.param, tmp_path_factory.mktemp("proxy"), upstream.port, upstream.port) as running:
        yield running


@pytest.fixture
def someone(behind: ReverseProxy) -> Iterator[User]:
    """A new user, who talks to the server through the proxy."""
    with closing(User(behind.url, tls=behind.tls)) as user:
        yield user
