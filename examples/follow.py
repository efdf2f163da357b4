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
import shutil
import sys
import time
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

# A server that has nothing to say sends a comment every 15 seconds.
SILENCE_SECONDS = 40
MAX_PAUSE_SECONDS = 30
KINDS = {"kinds": "task,list"}
NOT_DOABLE = "This does not look like a Doable server. Check the URL."


class Copy:
    """One user's tasks and lists by their ids, and how far they are in step. The file is replaced whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        kept = json.loads(path.read_bytes()) if path.exists() else {}
        self.revision: str | None = kept.get("revision")
        """The id of the last event; None where everything must be read first."""
        self.tasks: dict[str, Any] = kept.get("tasks", {})
        self.lists: dict[str, Any] = kept.get("lists", {})
        if "lists" not in kept:
            self.revision = None  # a copy of tasks alone must begin again to have more

    def apply(self, change: dict[str, Any]) -> None:
        """Note what a task or a list is now, and show it where somebody looks."""
        things = self.tasks if change["kind"] == "task" else self.lists
        if change["deleted"]:
            things.pop(change["id"], None)
        else:
            things[change["id"]] = change[change["kind"]]
        if sys.stdout.isatty():
            sys.stdout.write(f"{in_a_line(change, self.lists)}\n")
            sys.stdout.flush()

    def save(self) -> None:
        """Write the tasks, the lists and the revision, together."""
        draft = self._path.with_name(f"{self._path.name}.new")
        with draft.open("w") as file:
            json.dump({"revision": self.revision, "tasks": self.tasks, "lists": self.lists}, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)


def in_a_line(change: dict[str, Any], lists: dict[str, Any]) -> str:
    """A change as a person reads it: as wide as the terminal, and without characters that could move its cursor."""
    thing = change[change["kind"]]
    if thing is None:
        text = f"{change['kind']} {change['id']} deleted"
    elif change["kind"] == "list":
        text = f"list {thing['name']}"
    else:
        text = "  ".join([f"[{'x' if thing['is_completed'] else ' '}] {thing['title']}", *details(thing, lists)])
    width = shutil.get_terminal_size().columns
    shown, used = "", 0
    for each in text:
        used += 2 if unicodedata.east_asian_width(each) in {"W", "F"} else 1
        if used > width:
            return shown
        shown += each if each.isprintable() else "\N{REPLACEMENT CHARACTER}"
    return shown


def details(task: dict[str, Any], lists: dict[str, Any]) -> Iterator[str]:
    """What is known of a task beside its title."""
    if due := task["due"]:
        yield " ".join(["due", due["date"], *(each for each in (due["time"], due["timezone"]) if each)])
    if task["priority"] != "none":
        yield f"{task['priority']} priority"
    yield from (f"@{tag}" for tag in task["tags"])
    if task["list_id"] in lists:
        yield f"in {lists[task['list_id']]['name']}"


def begin(client: httpx.Client, copy: Copy) -> None:
    """Read everything that there is, page by page."""
    copy.tasks, copy.lists = {}, {}
    address = httpx.URL("/api/me/changes", params=KINDS)
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
    with client.stream("GET", "/api/me/events", params=KINDS, headers=headers) as response:
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
