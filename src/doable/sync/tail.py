"""Follow one's own feed from elsewhere: `doable tail`.

With the standard library's client: the server needs none, and this is the only command that calls another server.
"""

import http.client
import json
import re
import time
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from doable.errors import Misconfigured
from doable.terminal import printable

# Twice the time after which a silent server sends a comment, and some.
SILENCE_SECONDS: Final = 40
MAX_PAUSE_SECONDS: Final = 30
NOT_DOABLE: Final = "This does not look like a Doable server. Check the URL."

_TOKEN: Final = re.compile(r"[A-Za-z0-9._~+/=-]+")
# Anything else would be misread and retried for ever.
_URL: Final = re.compile(r"https?://([\w.-]+|\[[\da-f:.]+\])(:\d{1,5})?(/[!\"$->@-~]*)?", re.ASCII | re.IGNORECASE)

Change = dict[str, Any]


class _NoRedirects(HTTPRedirectHandler):
    """Follows no redirect: the token is for this server, not for one that it names."""

    def redirect_request(self, *_: object) -> None:
        return None


def follow(url: str, token: str, since: int, lost: Callable[[str], None]) -> Iterator[Change]:
    """Every change since this revision, and then each as it comes, for ever, also through a lost network.

    `lost` is told the reason each time that the connection is lost. Raises Misconfigured if trying again is no use.
    """
    if not _is_usable(url):
        raise Misconfigured("The URL must be one like http://127.0.0.1:8000 or https://tasks.example.com.")
    if not _TOKEN.fullmatch(token):
        # An error of the HTTP client's would quote it.
        raise Misconfigured("The token has characters in it that no token has.")
    opener = build_opener(_NoRedirects)
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    address = f"{url.rstrip('/')}/api/me/events?since={since}"
    pause = 1
    while True:
        try:
            with opener.open(Request(address, headers=headers), timeout=SILENCE_SECONDS) as lines:  # noqa: S310 - see above
                if lines.headers.get_content_type() != "text/event-stream":
                    raise Misconfigured(NOT_DOABLE)
                pause = 1
                for event_id, data in _events(lines):
                    yield json.loads(data)
                    headers["Last-Event-ID"] = event_id
            # The stream ends when the server stops, or with the token: the next answer says which.
        except HTTPError as error:
            if error.code < http.client.INTERNAL_SERVER_ERROR and error.code != http.client.TOO_MANY_REQUESTS:
                raise Misconfigured(_message(error)) from None
            lost(f"the server answers {error.code}")
        except (URLError, OSError, http.client.HTTPException) as error:
            lost(str(getattr(error, "reason", None) or error) or type(error).__name__)
        except (ValueError, KeyError):
            raise Misconfigured(NOT_DOABLE) from None
        time.sleep(pause)
        pause = min(2 * pause, MAX_PAUSE_SECONDS)


def describe(change: Change) -> str:
    """A change in one line, for a person. Characters that could move the cursor are not shown."""
    task = change["task"]
    text = f"{change['id']} deleted" if task is None else f"[{'x' if task['is_completed'] else ' '}] {task['title']}"
    return f"{change['revision']:>8}  {printable(text)}"


def _is_usable(url: str) -> bool:
    try:
        return _URL.fullmatch(url) is not None and urlsplit(url).port != 0
    except ValueError:  # of an impossible port
        return False


def _events(lines: Iterator[bytes]) -> Iterator[tuple[str, str]]:
    """Id and data of each whole event (HTML standard, section 9.2.6)."""
    fields: dict[str, str] = {}
    for line in lines:
        if not line.endswith(b"\n"):
            return  # cut off, and perhaps in the middle of a character
        text = line.decode().rstrip("\r\n")
        if text:
            name, _, value = text.partition(":")
            fields[name] = value.removeprefix(" ")
        else:
            if "data" in fields:
                yield fields["id"], fields["data"]
            fields = {}


def _message(error: HTTPError) -> str:
    try:
        return f"The server answers {error.code}: {printable(json.load(error)['message'])}"
    except (ValueError, KeyError, TypeError, OSError, http.client.HTTPException):
        return f"The server answers {error.code}. {NOT_DOABLE}"
