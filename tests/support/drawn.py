"""What the state machine draws: who does what to which things, and what is sent."""

from collections.abc import Callable
from typing import Any, Final

from hypothesis import strategies as st
from pydantic import BaseModel

from doable.filters.kind import FILTER
from doable.kinds import KINDS
from doable.lists.kind import LIST
from doable.sections.kind import SECTION
from doable.tags.kind import TAG
from doable.tasks.kind import TASK
from doable.tasks.schemas import TaskUpdate
from support.kinds import members
from support.model import Thing

USERS: Final = 3

# Any text but C0 control characters, of which tab and line ends are allowed.
CHARACTERS = st.characters(codec="utf-8", exclude_characters=[chr(c) for c in range(32) if chr(c) not in "\t\n\r"])
TITLES = st.text(CHARACTERS, min_size=1, max_size=12).filter(str.strip)


def sensible(thing: Thing) -> Thing:
    """The same, with a date wherever there is a time, and a time wherever there is a zone, whatever was there before."""
    for name in ("due", "start"):
        moment = thing.get(name)
        if moment is not None:
            moment.setdefault("date", "2026-12-01")
            if moment.get("time") is None:
                moment.pop("timezone", None)
    if thing.get("is_cancelled") and thing.get("is_completed") is False:
        del thing["is_completed"]
    return thing


QUERIES: Final[dict[str, Callable[[Thing], bool]]] = {
    "all": lambda _: True,
    "p1 | P2": lambda task: not task["is_completed"] and task["priority"] in {"high", "medium"},
    "no tags & !p4": lambda task: not task["is_completed"] and not task["tags"] and task["priority"] != "none",
    "completed & @home": lambda task: task["is_completed"] and "home" in task["tags"],
    "!inbox": lambda task: not task["is_completed"] and task["list_id"] is not None,
}
"""Texts of filters, and which tasks they mean in lists that are not archived."""


def things(model: type[BaseModel]) -> st.SearchStrategy[Thing]:
    """What can be sent, with the text of a filter wherever there is one."""
    drawn = st.tuples(members(model, TITLES).map(sensible), st.sampled_from([*QUERIES]))
    return drawn.map(lambda both: {**both[0], "query": both[1]} if "query" in both[0] else both[0])


NEW: Final = {kind.name: things(kind.create) for kind in KINDS}
PATCH: Final = {kind.name: things(kind.change) for kind in KINDS}
UPDATE: Final = things(TaskUpdate)
MADE: Final = (TASK, LIST, FILTER)
"""The kinds that the machine makes things of."""
KIND: Final = st.sampled_from((TASK, *MADE))
READ: Final = st.sampled_from((*MADE, TAG, SECTION))
IN_ORDER: Final = (TAG, SECTION, FILTER)
TAGS: Final = ("Café", "shop", "a, b", "home")
NAME: Final = st.sampled_from((*TAGS, "cafe\u0301", "SHOP"))
HOW: Final = st.sampled_from(["make", "make", "rename", "move", "delete"])
"""What becomes of a section."""
SOME: Final = st.integers(0, 2**16)
"""Which of some things, counted round."""
WHO = st.sampled_from(range(USERS))
LIMITS = st.sampled_from([100, 7, 3, 2, 1])

KINDS_ASKED: Final = st.sampled_from([None, "all", *(kind.name for kind in MADE), "list,task"])
"""Of which kinds the feed is asked, where something of the first is made then."""

NOT_VALID: list[tuple[str, str, Any, dict[str, str]]] = [
    ("POST", "", {"title": " "}, {}),
    ("POST", "", {"title": "a", "revision": 1}, {}),
    ("PUT", "/{task}", {"title": None}, {}),
    ("PUT", "/{task}", {"is_completed": True}, {}),
    ("PUT", "/{task}", {"title": "a"}, {"If-None-Match": '"1"'}),
    ("PUT", "/{task}", {"title": "a"}, {"If-None-Match": "*", "If-Match": "*"}),
    ("PUT", "/{task}", {"description": "a"}, {"If-None-Match": "*"}),
    ("PATCH", "/{task}", {"is_completed": None}, {}),
    ("PATCH", "/{task}", {"title": "a"}, {"If-Match": "1"}),
    ("PATCH", "/{task}/complete", {"is_completed": True, "completed": False}, {}),
    ("DELETE", "/{task}", None, {"If-Match": "*, *"}),
    ("DELETE", "/{task}x", None, {}),
    ("DELETE", "/{task}", None, {"Idempotency-Key": "two words"}),
    ("POST", "/batch", {"operations": [{"op": "create", "task": {"title": "a"}}, {"op": "create"}]}, {}),
    ("POST", "/batch", {"operations": [{"op": "delete", "id": "{task}"}]}, {}),
]
"""Method, path after that of the tasks, body and headers. `{task}` in a body is no id."""

PATHS = [
    *[("POST", "tasks"), ("PUT", "tasks/{task}"), ("PATCH", "tasks/{task}"), ("PATCH", "tasks/{task}/complete")],
    *[("DELETE", "tasks/{task}"), ("POST", "tasks/batch"), ("GET", "tasks"), ("GET", "tasks/{task}")],
    *[("GET", "changes"), ("GET", "events"), ("POST", "lists"), ("GET", "lists"), ("POST", "tags"), ("GET", "tags")],
    *[("POST", "filters"), ("GET", "filters")],
    *[
        ("POST", "sections"),
        ("GET", "sections"),
        ("POST", "tasks/{task}/tag"),
        ("GET", "undo"),
        ("POST", "undo/{task}"),
    ],
]
"""What there is below a user's path."""
