"""A Doable server elsewhere, as a command asks it.

With the standard library's client: the server needs none, and no other command calls one.
"""

import http.client
import json
import re
import ssl
from http.client import HTTPResponse
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from doable.errors import Misconfigured
from doable.terminal import printable

ANSWER_SECONDS: Final = 30
NOT_DOABLE: Final = "This does not look like a Doable server. Check the URL."
WHERE: Final = "Is `doable serve` running there? The address is from --url or DOABLE_URL."
REFUSED: Final = "DOABLE_TOKEN is mistyped, expired or deleted; make another API token."
# OSError has URLError and HTTPError, and a timeout.
UNREACHABLE: Final = (OSError, http.client.HTTPException)

_NO_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"})
_SCOPE: Final = re.compile(r'scope="([a-z: ]+)"')
_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/=-]+")
# Anything else would be misread and retried for ever.
_URL: Final = re.compile(r"https?://([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?(/[!\"$->@-~]*)?", re.ASCII | re.IGNORECASE)

Query = list[tuple[str, str]]


class Refused(Misconfigured):
    """What the server says is wrong, and where in a text of its request, if it says that."""

    def __init__(self, message: str, position: int | None) -> None:
        super().__init__(message)
        self.position = position


class _NoRedirects(HTTPRedirectHandler):
    """Follows no redirect: the token is for this server, not for one that it names."""

    def redirect_request(self, *_: object) -> None:
        return None


class RemoteServer:
    """The server at this URL, asked with this token. Raises Misconfigured for what is no URL or no token."""

    def __init__(self, url: str, token: str) -> None:
        if not _is_usable(url):
            raise Misconfigured("The URL must be one like http://127.0.0.1:8000 or https://tasks.example.com.")
        if not _TOKEN.fullmatch(token):
            # An error of the HTTP client's would quote it.
            raise Misconfigured("The token has characters in it that no token has.")
        self.url = url.rstrip("/")
        self._opener = build_opener(_NoRedirects)
        self._authorization = {"Authorization": f"Bearer {token}"}

    def open(
        self,
        path: str,
        *,
        method: str = "GET",
        query: Query | None = None,
        body: object = None,
        headers: dict[str, str] | None = None,
        seconds: float = ANSWER_SECONDS,
    ) -> HTTPResponse:
        """The answer, unread. Raises HTTPError for one that is no success, and one of UNREACHABLE where there is none."""
        address = f"{self.url}{path}" + (f"?{urlencode(query)}" if query else "")
        sent = None if body is None else json.dumps(body).encode()
        kind = {} if body is None else {"Content-Type": "application/json"}
        request = Request(address, sent, {**self._authorization, **kind, **(headers or {})}, method=method)  # noqa: S310 - see _URL
        answer: HTTPResponse = self._opener.open(request, timeout=seconds)
        return answer

    def ask(self, path: str, *, method: str = "GET", query: Query | None = None, body: object = None) -> dict[str, Any]:
        """The JSON that it answers; empty where it answers none. Raises Misconfigured, with a sentence for a person, for anything else."""
        try:
            with self.open(path, method=method, query=query, body=body) as answer:
                found = {} if answer.status == http.client.NO_CONTENT else json.load(answer)
        except HTTPError as error:
            raise refusal(error) from None
        except UNREACHABLE as error:
            message = f"{self.url} gives no answer ({reason_of(error)}). {WHERE}"
            raise Misconfigured(message) from None
        except ValueError:
            raise Misconfigured(NOT_DOABLE) from None
        if not isinstance(found, dict):
            raise Misconfigured(NOT_DOABLE)
        return found


def refusal(error: HTTPError) -> Refused:
    """What the server says is wrong."""
    try:
        answer = json.load(error)
        message, position = printable(answer["message"]), answer.get("position")
        if error.code == http.client.UNAUTHORIZED:
            message = REFUSED
        elif scope := _SCOPE.search(error.headers.get("WWW-Authenticate", "")):
            message = f"DOABLE_TOKEN lacks the scope {scope[1]}; make an API token that has it."
    except (ValueError, KeyError, TypeError, AttributeError, *UNREACHABLE):
        return Refused(f"The server answers {error.code}. {NOT_DOABLE}", None)
    # What was mistyped needs no more than the sentence.
    said = message if error.code == http.client.UNPROCESSABLE_ENTITY else f"The server answers {error.code}: {message}"
    return Refused(said, position if isinstance(position, int) else None)


def reason_of(error: Exception) -> str:
    """Why there is no answer, in a few words."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, ssl.SSLError) and cause.reason in _NO_TLS:
        return "no TLS is spoken there: try http:// in place of https://"
    words = getattr(cause, "strerror", None) or str(cause) or type(cause).__name__
    return printable(str(words))


def _is_usable(url: str) -> bool:
    try:
        return _URL.fullmatch(url) is not None and urlsplit(url).port != 0
    except ValueError:  # of an impossible port
        return False
