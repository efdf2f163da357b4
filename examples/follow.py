# /// script
# requires-python = ">=3.11"
# dependencies = ["httpx"]
# ///
"""Keep a local copy of your tasks in step with a Doable server, also through a lost network.

    DOABLE_TOKEN=… python examples/follow.py http://127.0.0.1:8000 copy.json

Needs one library, httpx: `pip install httpx`, or run it with pipx or uv, which read the lines above.
"""

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

# A server that has nothing to say sends a comment every 15 seconds.
SILENCE_SECONDS = 40
MAX_PAUSE_SECONDS = 30
NOT_DOABLE = "This does not look like a Doable server. Check the URL."


class Copy:
    """One user's tasks by their id, and how far they are in step. The file is replaced whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        kept = json.loads(path.read_bytes()) if path.exists() else {"revision": None, "tasks": {}}
        self.revision: str | None = kept["revision"]
        """The id of the last event; None where everything must be read first."""
        self.tasks: dict[str, Any] = kept["tasks"]

    def apply(self, change: dict[str, Any]) -> None:
        """Note what a task is now."""
        if change["deleted"]:
            self.tasks.pop(change["id"], None)
        else:
            self.tasks[change["id"]] = change["task"]

    def save(self) -> None:
        """Write the tasks and the revision, together."""
        draft = self._path.with_name(f"{self._path.name}.new")
        with draft.open("w") as file:
            json.dump({"revision": self.revision, "tasks": self.tasks}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)


def begin(client: httpx.Client, copy: Copy) -> None:
    """Read everything that there is, page by page."""
    copy.tasks = {}
    address = httpx.URL("/api/me/changes")
    while True:
        page = client.get(address).raise_for_status()
        for change in page.json()["changes"]:
            copy.apply(change)
        if "next" not in page.links:
            break
        address = page.url.join(page.links["next"]["url"])
    copy.revision = str(page.json()["revision"])
    copy.save()


def follow(client: httpx.Client, copy: Copy) -> Iterator[None]:
    """Apply what was missed, and then each change as it comes, until the stream ends. Yields when something has come."""
    headers = {"Accept": "text/event-stream", "Last-Event-ID": copy.revision or "0"}
    with client.stream("GET", "/api/me/events", headers=headers) as response:
        response.raise_for_status()
        unread = b""
        # Not iter_lines: it ends a line at U+2028 too, which a title may hold.
        for piece in response.iter_bytes():
            *events, unread = (unread + piece).split(b"\n\n")
            found = [dict(re.findall(r"^(\w+): (.*)$", event.decode(), re.MULTILINE)) for event in events]
            changes = [fields for fields in found if "data" in fields]  # the others are comments
            for fields in changes:
                copy.apply(json.loads(fields["data"]))
            if changes:
                copy.revision = changes[-1]["id"]
                copy.save()
            yield


def keep_in_step(client: httpx.Client, copy: Copy) -> None:
    """Follow for ever; where trying again is no use, end the program with a sentence."""
    pause = 1
    while True:
        try:
            if copy.revision is None:
                begin(client, copy)
            for _ in follow(client, copy):
                pause = 1
            reason = "the server ended the stream"
        except httpx.HTTPStatusError as error:
            status = error.response.status_code
            reason = f"the server answers {status}"
            if status == httpx.codes.UNAUTHORIZED:
                sys.exit("The token is wrong, has expired or was deleted. Set DOABLE_TOKEN to a new one.")
            elif status == httpx.codes.GONE:
                # The changes since then are no longer known.
                copy.revision = None
            elif status < httpx.codes.INTERNAL_SERVER_ERROR and status != httpx.codes.TOO_MANY_REQUESTS:
                sys.exit(f"The server answers {status}. {NOT_DOABLE}")
        except httpx.TransportError as error:
            reason = str(error) or type(error).__name__
        except (ValueError, KeyError):
            sys.exit(NOT_DOABLE)
        sys.stderr.write(f"Not in step ({reason}); trying again in {pause} s.\n")
        time.sleep(pause)
        pause = min(2 * pause, MAX_PAUSE_SECONDS)


def names_a_server(url: str) -> bool:
    """Whether it is a URL that can be asked."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return parsed.scheme in {"http", "https"} and parsed.host != ""


def main() -> None:
    """Run until Ctrl-C."""
    match sys.argv[1:]:
        case [url, path] if names_a_server(url):
            copy = Copy(Path(path))
        case _:
            sys.exit("Usage: DOABLE_TOKEN=… python follow.py http://… FILE")
    token = os.environ.get("DOABLE_TOKEN", "").strip()
    if not re.fullmatch(r"[\w.-]+", token, re.ASCII):
        sys.exit("Make an API token with the scope tasks:read, and set DOABLE_TOKEN to it.")
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=url, headers=headers, timeout=httpx.Timeout(10, read=SILENCE_SECONDS)) as client:
        keep_in_step(client, copy)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
