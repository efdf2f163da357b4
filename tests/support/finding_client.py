"""What the web client finds of an account, beside what the server lists of it."""

from datetime import UTC, datetime
from typing import Any

from support.changes import pages
from support.node import in_the_client
from support.users import User

Thing = dict[str, Any]


def copy_of(user: User) -> list[tuple[str, Thing]]:
    """All that a client has in memory, as the feed tells it: kinds and things."""
    changes = [change for some, _ in pages(user, None, kinds="all", limit=100) for change in some]
    return [(change["kind"], change[change["kind"]]) for change in changes if not change["deleted"]]


def listed(user: User, **asked: Any) -> list[str]:
    """The ids of all that the server lists, in its order, page by page."""
    found: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        answer = user.get(user.tasks, params={"limit": 100, **asked, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, (asked, answer.text)
        found += [task["id"] for task in answer.json()["tasks"]]
        cursor = answer.json()["next_cursor"]
    return found


def found(user: User, asked: list[Thing]) -> list[Any]:
    """What the client answers to each of these, of the same account and now."""
    question = {
        "user": user.id,
        "things": copy_of(user),
        "now": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "asked": asked,
    }
    answers: list[Any] = in_the_client("tasks/test/finds.ts", question, "--import", "./test/setup.ts")
    return answers
