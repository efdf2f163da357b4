"""The ASGI scope of a request: one of its headers, and the keys under which Doable keeps something there. Knows no web framework."""

from collections.abc import Mapping
from typing import Any

ACCEPTED = "doable.accepted"
"""Whether the request had come before the process was told to stop."""
ADDED_HEADERS = "doable.headers"
"""The headers that any answer to this request gets."""
CORS_ORIGINS = "doable.cors_origins"
"""In the state of the lifespan: the origins of pages that may read the protocol's own answers."""
CREDENTIAL = "doable.credential"
"""The gate's finding about the caller; absent if nobody asked it."""
EVERY_ANSWER = "doable.every_answer"
"""In the state of the lifespan, where the protocol finds it: the headers that every answer has."""
LASTING = "doable.lasting"
"""What goes on with the answer when the application's call has ended; its line in the log comes when that has ended too."""
NETWORK_OF = "doable.network_of"
"""In the state of the lifespan: finds the network that a request is counted for, by its scope."""
USER_ID = "doable.user_id"
"""The caller's id, for the log line, even if the caller was refused afterwards."""


def header(scope: Mapping[str, Any], name: bytes) -> bytes | None:
    """The first value of this header."""
    for each, value in scope["headers"]:
        if each == name:
            return bytes(value)
    return None
