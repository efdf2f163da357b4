"""Requests on connections of their own, so that each worker of a server gets some."""

import http.client
from contextlib import ExitStack, closing
from urllib.parse import urlsplit


def ask_anew(server_url: str, path: str, authorization: str, *, times: int = 20) -> set[int]:
    """The statuses of so many requests. Their connections stay open meanwhile: workers share out those that there are."""
    with ExitStack() as stack:
        found = set()
        for _ in range(times):
            at = http.client.HTTPConnection(urlsplit(server_url).netloc, timeout=30)
            connection = stack.enter_context(closing(at))
            connection.request("GET", path, headers={"Authorization": authorization})
            answer = connection.getresponse()
            answer.read()
            found.add(answer.status)
        return found
