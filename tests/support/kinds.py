"""What can be told of every kind of thing from its registration: its routes, examples of it, and one of a user's."""

import uuid
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from hypothesis import strategies as st
from pydantic import BaseModel
from pydantic_core import to_json

from doable.http.schemas import NO_CONTROLS, SOME_NAME, SOME_TEXT
from doable.kinds import KINDS
from doable.owned.kind import Kind
from doable.preferences.schemas import PreferencesPatch
from doable.push.schemas import PushSubscriptionCreate
from doable.tags.kind import TAG
from support.changes import pages
from support.notifications import planted
from support.users import User

Thing = dict[str, Any]
Operation = tuple[str, str]


def example(model: type[BaseModel]) -> Thing:
    """The first example of each field that names nothing else of the user's. A KeyError for one that has none.

    What only one thing can be called is another name each time.
    """
    schema = _schema(model)
    fields = schema.get("properties", {}).items()
    return {name: _example(field, schema) for name, field in fields if not _is_reference(field)}


def but_exported(kind: Kind, exported: Thing) -> Thing:
    """A thing of an export as it goes over the wire."""
    return {name: value for name, value in exported.items() if name not in {"sequence", *kind.exported}}


@cache
def _schema(model: type[BaseModel]) -> Thing:
    """The JSON schema, without what is passed over. It is made once, which takes as long as several requests."""
    schema: Thing = model.model_json_schema()
    for name, field in model.model_fields.items():
        if field.exclude:
            del schema["properties"][name]
    return schema


def _is_reference(field: Thing) -> bool:
    return any(each.get("format") == "uuid" for each in field.get("anyOf", [field]))


def _example(field: Thing, schema: Thing) -> Any:
    if "anyOf" in field:
        field = {**next(each for each in field["anyOf"] if each.get("type") != "null"), **field}
    if "$ref" in field:
        properties = referred(field, schema)["properties"]
        return {name: _example(each, schema) for name, each in properties.items()}
    return f"{field['examples'][0]} {uuid.uuid4().hex}" if _is_unique(field) else field["examples"][0]


def _is_unique(field: Thing) -> bool:
    return field.get("pattern") == SOME_NAME


def referred(field: Thing, schema: Thing) -> Thing:
    """The schema of the object that a field is."""
    found: Thing = schema["$defs"][field["$ref"].rpartition("/")[2]]
    return found


def paths(kind: Kind) -> tuple[str, str]:
    """Of all things of a kind, and of one."""
    every = f"/api/{{user_id}}/{kind.plural}"
    return every, f"{every}/{{{kind.name}_id}}"


def routes(kind: Kind) -> dict[Operation, Thing | None]:
    """The routes that every kind has, and what each is sent, to be `filled_in`."""
    every, one = paths(kind)
    named = {f"{other.name}_id": f"{{{other.name}_id}}" for other in needs(kind)}
    fields = kind.create.model_json_schema()["properties"].items()
    unique = {name: "{new}" for name, field in fields if _is_unique(field)}
    return {
        ("get", every): None,
        ("post", every): {**example(kind.create), **named, **unique},
        ("get", one): None,
        ("put", one): {**example(kind.create), **named, **unique},
        ("patch", one): {**example(kind.change), **unique},
        ("delete", one): None,
    }


PREFERENCES = "/api/{user_id}/preferences"
OF_PREFERENCES: dict[Operation, Thing | None] = {
    ("get", PREFERENCES): None,
    ("patch", PREFERENCES): example(PreferencesPatch),
}
"""Their routes, and what each is sent."""

PUSH = "/api/me/push"
A_BROWSER = example(PushSubscriptionCreate)
OF_PUSH: dict[Operation, Thing | None] = {
    ("get", "/api/{user_id}/push"): None,
    ("get", "/api/{user_id}/push/subscriptions"): None,
    ("post", "/api/{user_id}/push/subscriptions"): {**A_BROWSER, "endpoint": "https://web.push.apple.com/planted"},
    ("delete", "/api/{user_id}/push/subscriptions/{subscription_id}"): None,
}
"""The routes of push, and what each is sent."""


A_FILE = b'{"user":{}}'
"""Of an import that makes nothing."""


def sent(body: Any, ids: dict[str, str]) -> dict[str, Any]:
    """The body with the ids in it, as a request's argument: bytes are a file."""
    return {"files": {"file": body}} if isinstance(body, bytes) else {"json": filled_in(body, ids)}


def new(user: User, kind: Kind, **fields: Any) -> Thing:
    """A new thing of the user's. It makes no other: a task has no tags if none are given."""
    body = {**example(kind.create), "tags": [], **needed(user, kind, **fields), **fields}
    known = {name: value for name, value in body.items() if name in kind.create.model_fields}
    answer = user.post(f"/api/{user.id}/{kind.plural}", json=known)
    assert answer.status_code == 201, answer.text
    made: Thing = answer.json()
    return made


def needs(kind: Kind) -> list[Kind]:
    """The kinds of which a new thing of this kind must name one, as a section must its list."""
    fields = kind.create.model_fields
    return [each for each in KINDS if f"{each.name}_id" in fields and fields[f"{each.name}_id"].is_required()]


def needed(user: User, kind: Kind, **known: str) -> dict[str, str]:
    """What else a new thing of the kind must name: the first of the user's, or a new one."""
    found = {}
    for other in needs(kind):
        if f"{other.name}_id" not in known:
            others = user.get(f"/api/{user.id}/{other.plural}").json()[other.plural]
            found[f"{other.name}_id"] = (others[0] if others else new(user, other))["id"]
    return found


NONE: Final[Mapping[str, str]] = MappingProxyType({})


def one_of_each(user: User, known: Mapping[str, str] = NONE) -> dict[str, str]:
    """A new thing of each kind, which name each other, a write to undo, a browser that is told, a notification and an import: the ids by the
    names that paths have for them. What is `known` is not made again."""
    made = dict(known)
    for kind in KINDS:
        if f"{kind.name}_id" not in known:
            named = {f"{other.name}_id": made[f"{other.name}_id"] for other in needs(kind)}
            # One without an id of its own, which is nobody else's.
            reminders = [{"at": "2126-12-01T07:30:00Z"}]
            made[f"{kind.name}_id"] = new(user, kind, **named, reminders=reminders)["id"]
    if not {"token", "reminder_id"} <= known.keys():
        write = user.patch(f"{user.tasks}/{made['task_id']}", json={}, headers={"Undo": "1"})
        made |= {"token": write.headers["undo-token"], "reminder_id": write.json()["reminders"][0]["id"]}
    if "other_tag_id" not in known:
        made["other_tag_id"] = new(user, TAG)["id"]
    if "subscription_id" not in known:
        made["subscription_id"] = user.post(f"{PUSH}/subscriptions", json=A_BROWSER).json()["id"]
    if "notification_id" not in known:
        made["notification_id"] = planted(user)
    if "import_id" not in known:
        made["import_id"] = user.post("/api/me/import", files={"file": A_FILE}).json()["id"]
    return made


def untouched(ids: Mapping[str, str], operation: Operation, body: Any) -> dict[str, str]:
    """Those of `one_of_each` on which the operation did nothing: it did not name them, nor what they need."""
    named = {name for name in ids if f"{{{name}}}" in f"{operation[1]} {body}"}
    named |= {f"{kind.name}_id" for kind in KINDS if named & {f"{other.name}_id" for other in needs(kind)}}
    if "task_id" in named:
        named |= {"token", "reminder_id"}
    return {name: id_ for name, id_ in ids.items() if name not in named}


def nothing() -> dict[str, str]:
    """Ids that nobody's thing has."""
    others = ("token", "other_tag_id", "subscription_id", "notification_id", "reminder_id", "import_id")
    names = (*others, *(f"{kind.name}_id" for kind in KINDS))
    return {name: str(uuid.uuid4()) for name in names}


def kind_of(operation: Operation) -> Kind | None:
    """Of which kind the one thing is that a route is about."""
    return next((kind for kind in KINDS if f"{{{kind.name}_id}}" in operation[1]), None)


def filled(template: str, ids: dict[str, str]) -> str:
    """The path with the ids in it, and a name that nothing has."""
    for name, id_ in ids.items():
        template = template.replace(f"{{{name}}}", id_)
    return template.replace("{new}", uuid.uuid4().hex)


def filled_in(body: Any, ids: dict[str, str]) -> Any:
    """The body with the ids in it."""
    if not isinstance(body, dict):
        return body
    return {name: filled(value, ids) if isinstance(value, str) else value for name, value in body.items()}


def everything(user: User) -> list[Thing]:
    """All that a user has, as the feed tells it."""
    return [change for some, _ in pages(user, kinds="all") for change in some]


def stored_bytes(things: Collection[Thing]) -> int:
    """What these take: 500 bytes each, and their texts."""
    return sum(500 + sum(len(text.encode()) for text in _texts(thing) if text) for thing in things)


def _texts(thing: Thing) -> Iterator[str | None]:
    yield from (thing.get(name) for name in ("title", "description", "name", "color", "group", "url", "query", "sort"))
    yield from (moment["timezone"] for name in ("due", "start") if (moment := thing.get(name)))
    # They are stored as they are sent, and none is nothing.
    yield from (to_json(thing[name]).decode() for name in ("tags", "reminders") if thing.get(name))


def members(model: type[BaseModel], text: st.SearchStrategy[str]) -> st.SearchStrategy[Thing]:
    """Anything that the model takes: what it needs, and some of the rest."""
    schema = _schema(model)
    return _objects(schema, schema, text)


def _objects(model: Thing, schema: Thing, text: st.SearchStrategy[str]) -> st.SearchStrategy[Thing]:
    fields = model["properties"].items()
    # Tags that a task's write makes have revisions of their own, which a model of one revision a write does not know, nor
    # successors; and reminders are answered with more than was sent.
    left_out = {"tags", "reminders", "recurrence"}
    drawn = [(name, field) for name, field in fields if not _is_reference(field) and name not in left_out]
    each = {name: _values(field, schema, text) for name, field in drawn}
    needed = {name: each.pop(name) for name in model.get("required", []) if name in each}
    return st.fixed_dictionaries(needed, optional=each)


def _values(  # noqa: PLR0911 - one for each type of JSON Schema
    field: Thing, schema: Thing, text: st.SearchStrategy[str]
) -> st.SearchStrategy[Any]:
    if "anyOf" in field:
        examples = {"examples": field["examples"]} if "examples" in field else {}
        return st.one_of(*(_values({**examples, **each}, schema, text) for each in field["anyOf"]))
    if "$ref" in field:
        return _objects(referred(field, schema), schema, text)
    if "enum" in field:
        return st.sampled_from(field["enum"])
    if field["type"] == "array":
        items = _values(field["items"], schema, text)
        return st.lists(items, min_size=field.get("minItems", 0), max_size=min(3, field["maxItems"]))
    if field["type"] == "integer":
        return st.integers(field["minimum"], field["maximum"])
    if field["type"] == "string":
        return text if field.get("pattern") in {NO_CONTROLS, SOME_TEXT} else st.sampled_from(field["examples"])
    return {"null": st.none(), "boolean": st.booleans()}[field["type"]]
