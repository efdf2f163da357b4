"""What can be told of every kind of thing from its registration: its routes, examples of it, and one of a user's."""

import uuid
from collections.abc import Collection
from typing import Any

from hypothesis import strategies as st
from pydantic import BaseModel

from doable.kinds import KINDS
from doable.owned.kind import Kind
from doable.preferences.schemas import PreferencesPatch
from support.users import User

Thing = dict[str, Any]
Operation = tuple[str, str]


def example(model: type[BaseModel]) -> Thing:
    """The first example of each field that names nothing else of the user's. A KeyError for one that has none."""
    properties = model.model_json_schema().get("properties", {})
    return {name: _example(field) for name, field in properties.items() if not _is_reference(field)}


def _is_reference(field: dict[str, Any]) -> bool:
    return any(each.get("format") == "uuid" for each in field.get("anyOf", [field]))


def _example(field: dict[str, Any]) -> Any:
    if "anyOf" in field:
        field = {**next(each for each in field["anyOf"] if each.get("type") != "null"), **field}
    return field["examples"][0]


def paths(kind: Kind) -> tuple[str, str]:
    """Of all things of a kind, and of one."""
    every = f"/api/{{user_id}}/{kind.plural}"
    return every, f"{every}/{{{kind.name}_id}}"


def routes(kind: Kind) -> dict[Operation, Thing | None]:
    """The routes that every kind has, and what each is sent."""
    every, one = paths(kind)
    return {
        ("get", every): None,
        ("post", every): example(kind.create),
        ("get", one): None,
        ("put", one): example(kind.create),
        ("patch", one): example(kind.change),
        ("delete", one): None,
    }


PREFERENCES = "/api/{user_id}/preferences"
OF_PREFERENCES: dict[Operation, Thing | None] = {
    ("get", PREFERENCES): None,
    ("patch", PREFERENCES): example(PreferencesPatch),
}
"""Their routes, and what each is sent."""


def new(user: User, kind: Kind, **fields: Any) -> Thing:
    """A new thing of the user's."""
    answer = user.post(f"/api/{user.id}/{kind.plural}", json={**example(kind.create), **fields})
    assert answer.status_code == 201, answer.text
    made: Thing = answer.json()
    return made


def one_of_each(user: User) -> dict[str, str]:
    """A new thing of each kind: the ids by the names that paths have for them."""
    return {f"{kind.name}_id": new(user, kind)["id"] for kind in KINDS}


def nothing() -> dict[str, str]:
    """Ids that nobody's thing has."""
    return {f"{kind.name}_id": str(uuid.uuid4()) for kind in KINDS}


def kind_of(operation: Operation) -> Kind | None:
    """Of which kind the one thing is that a route is about."""
    return next((kind for kind in KINDS if f"{{{kind.name}_id}}" in operation[1]), None)


def filled(template: str, ids: dict[str, str]) -> str:
    """The path with the ids in it."""
    for name, id_ in ids.items():
        template = template.replace(f"{{{name}}}", id_)
    return template


def everything(user: User) -> list[Thing]:
    """All that a user has, as the feed tells it."""
    answer = user.get(f"/api/{user.id}/changes", params={"kinds": "all"})
    assert not answer.json()["has_more"]
    changes: list[Thing] = answer.json()["changes"]
    return changes


def stored_bytes(things: Collection[Thing]) -> int:
    """What these take: 500 bytes each, and their texts."""
    texts = (thing.get(name) for thing in things for name in ("title", "description", "name", "color", "group"))
    return 500 * len(things) + sum(len(text.encode()) for text in texts if text is not None)


def members(model: type[BaseModel], text: st.SearchStrategy[str]) -> st.SearchStrategy[Thing]:
    """Anything that the model takes: what it needs, and some of the rest."""
    schema = model.model_json_schema()
    fields = schema["properties"].items()
    each = {name: _values(field, text) for name, field in fields if not _is_reference(field)}
    needed = {name: each.pop(name) for name in schema.get("required", [])}
    return st.fixed_dictionaries(needed, optional=each)


def _values(field: dict[str, Any], text: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    if "anyOf" in field:
        return st.one_of(*(_values(each, text) for each in field["anyOf"]))
    if field["type"] == "null":
        return st.none()
    if field["type"] == "boolean":
        return st.booleans()
    assert field["type"] == "string"
    return text if "maxLength" in field else st.sampled_from(field["examples"])
