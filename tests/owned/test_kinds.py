"""Every kind that is registered: its table, its models and its routes say the same, and nothing is lost between them."""

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import get_args

import pytest
from pydantic import BaseModel
from sqlalchemy import Column, Index, UniqueConstraint
from sqlalchemy.sql.visitors import iterate

from doable.batch.operations import BatchRead
from doable.filters.schemas import FiltersRead
from doable.kinds import KINDS
from doable.lists.schemas import ListsRead
from doable.owned.kind import Kind
from doable.sections.schemas import SectionsRead
from doable.sync.schemas import ChangesRead
from doable.tags.kind import TAG
from doable.tags.schemas import TagsRead
from doable.tasks.schemas import TaskPageRead
from support.changes import batch
from support.kinds import Thing, example, needed, new, referred
from support.users import User

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)

NOT_SENT = {"owner_id", "sequence"}
"""What every kind keeps to itself. The owner is `user_id` on the wire."""

KEPT = {
    "tag": {"key", "next_name", "renamed_up_to"},
    # Until something writes the reminders; and what CalDAV keeps.
    "task": {"reminders", "ical_text", "ical_revision", "ical_name", "ical_uid", "ical_parent", "exceptions"},
    "list": {"dav_name", "components", "dav_properties"},
}
"""What some keep to themselves besides."""

TAKES_ALONG = {
    "is_completed": {"completed_at"},
    "is_cancelled": {"is_completed", "completed_at"},
    "recurrence": {"due", "series_id"},
}
"""What else changes with a member."""
WITH = {"recurrence": "due"}
"""What must be sent with a member."""

REPRESENTATIONS = {
    "task": (3, "1ed14f3b217c"),
    "list": (1, "92826ce86936"),
    "section": (1, "87947d186209"),
    "tag": (1, "77208048e39d"),
    "filter": (1, "d980046972fe"),
}
"""Version and digest of what each kind is on the wire. Where the digest moves, `version` in its `schemas.py` must: an ETag of
before would be answered 304 although the body has another form now."""


@every_kind
def test_its_table_can_be_spread_by_owner_and_followed(kind: Kind) -> None:
    table = kind.repository.table
    assert [column.name for column in table.primary_key] == ["owner_id", "sequence"]
    unique = [
        [column.name for column in each.columns] for each in table.constraints if isinstance(each, UniqueConstraint)
    ]
    unique += [
        [column.name for column in each.columns] for each in table.indexes if isinstance(each, Index) and each.unique
    ]
    assert {"owner_id", "id"} in map(set, unique)
    assert ["owner_id", "revision"] in unique
    (key,) = table.foreign_keys
    assert (key.target_fullname, key.ondelete) == ("owners.owner_id", "CASCADE")


@every_kind
def test_its_rows_have_the_columns_of_its_table(kind: Kind) -> None:
    (row,) = get_args(kind.repository.__orig_bases__[0])  # type: ignore[attr-defined] # of a class that is generic
    assert sorted(row.__annotations__) == sorted(column.name for column in kind.repository.table.columns)


@every_kind
def test_every_column_is_read_and_every_member_is_a_column(kind: Kind) -> None:
    columns = {column.name for column in kind.repository.table.columns}
    read = [column.key for column in kind.repository.read]
    kept = NOT_SENT | KEPT.get(kind.name, set())
    members = list(kind.read.model_fields)
    if kind.repository.shape is None:
        assert read == members
        assert set(read) - columns == {"user_id"}
        assert columns - set(read) == kept
    else:  # what is made of them is compared with the model below
        found = [each for expression in kind.repository.read for each in iterate(expression)]
        assert columns - {each.name for each in found if isinstance(each, Column)} <= kept


@every_kind
def test_what_can_be_made_can_be_changed(kind: Kind) -> None:
    assert set(kind.create.model_fields) <= set(kind.change.model_fields)
    assert set(kind.change.model_fields) <= set(kind.read.model_fields)
    create, change = (model.model_json_schema() for model in (kind.create, kind.change))
    for name, field in create["properties"].items():
        assert form(change["properties"][name], change) == form(field, create), name


def form(field: Thing, schema: Thing) -> Thing:
    """What a field takes, when it is there. Of an object a patch needs no member."""
    if "$ref" in field:
        properties = referred(field, schema)["properties"]
        return {name: form(each, schema) for name, each in properties.items()}
    if "anyOf" in field:
        field = {**field, "anyOf": [form(each, schema) for each in field["anyOf"]]}
    return {name: value for name, value in field.items() if name not in {"default", "examples"}}


@every_kind
def test_the_version_of_its_form_moves_with_it(kind: Kind) -> None:
    properties = kind.read.model_json_schema(mode="serialization")["properties"]
    form = {
        name: {key: field.get(key) for key in ("type", "anyOf", "format", "$ref")} for name, field in properties.items()
    }
    digest = hashlib.sha256(json.dumps(form).encode()).hexdigest()[:12]
    assert (kind.version, digest) == REPRESENTATIONS[kind.name]


@every_kind
def test_no_way_in_drops_a_field(alice: User, kind: Kind) -> None:
    """Each field by each way, with a value that it has not by itself."""
    others = needed(alice, kind)
    path = f"/api/{alice.id}/{kind.plural}"
    only = {"If-None-Match": "*"}
    chosen, batched = str(uuid.uuid4()), {"op": "create", "kind": kind.name}
    ways: dict[str, Callable[[Thing], Thing]] = {
        "POST": lambda new: alice.post(path, json=new).json(),
        "PUT": lambda new: alice.put(f"{path}/{chosen}", json=new, headers=only).json(),
        "batch": lambda new: batch(alice, {**batched, kind.name: new})[0][kind.name],
        "batch with an id": lambda new: batch(alice, {**batched, "id": str(uuid.uuid4()), kind.name: new})[0][
            kind.name
        ],
    }
    for way, send in ways.items():
        made = {**example(kind.create), **others}
        answered = send(made)
        assert answered == alice.get(f"{path}/{answered['id']}").json(), way
        for name, value in made.items():
            assert answered[name] == value, f"{way} has dropped {name}"
    changed, another = example(kind.change), {**example(kind.create), **others}
    only_needed = {name: another[name] for name, field in kind.create.model_fields.items() if field.is_required()}
    defaults = alice.post(path, json=only_needed).json()
    assert all(defaults[name] != value for name, value in changed.items() if name not in only_needed), (
        "an example too few"
    )
    for name in changed:
        for way in ("PATCH", "batch"):
            values = example(kind.change)
            value, sent = values[name], {each: values[each] for each in (name, WITH.get(name, name))}
            something_else = f"#Something else {uuid.uuid4().hex}"
            one = alice.post(path, json={**dict.fromkeys(only_needed, something_else), **others}).json()
            if way == "PATCH":
                answered = alice.patch(f"{path}/{one['id']}", json=sent).json()
            else:
                operation = {"op": "update", "kind": kind.name, "id": one["id"], kind.name: sent}
                answered = batch(alice, operation)[0][kind.name]
            assert answered[name] == value, f"{way} has dropped {name}"
            assert answered == alice.get(f"{path}/{one['id']}").json()
            moved = {name, "revision", "updated_at", *TAKES_ALONG.get(name, ())}
            assert {key: one[key] for key in one if key not in moved} == {
                key: answered[key] for key in answered if key not in moved
            }


def assert_written_as_by(model: type[BaseModel], content: bytes) -> None:
    """The bytes are what the model would be: its members in its order, its types, and nothing else."""
    assert model.model_validate_json(content, strict=True).model_dump_json(exclude_unset=True).encode() == content


@every_kind
def test_rows_are_answered_as_the_model_would_be(alice: User, kind: Kind) -> None:
    """Rows go out as the database has them, unvalidated. So what validates them is here."""
    path = f"/api/{alice.id}/{kind.plural}"
    first, second = new(alice, kind), new(alice, kind)
    made, another = ({**example(kind.create), **needed(alice, kind)} for _ in range(2))
    text = 'Zoë \u2028 "quoted" \\ 🧑‍🚀'
    field = next(name for name in ("title", "name") if name in kind.create.model_fields)
    changed = alice.patch(f"{path}/{first['id']}", json={**example(kind.change), field: text})
    # In the name of a tag white space is one space.
    assert changed.json()[field] == (" ".join(text.split()) if kind is TAG else text)
    answers = [changed, alice.post(path, json=made), alice.get(f"{path}/{second['id']}")]
    for answer in answers:
        assert_written_as_by(kind.read, answer.content)
    refused = alice.patch(f"{path}/{first['id']}", json={}, headers={"If-Match": '"0"'})
    assert refused.json()["current"] == changed.json()
    assert_written_as_by(
        kind.read, json.dumps(refused.json()["current"], separators=(",", ":"), ensure_ascii=False).encode()
    )
    operation = {"op": "create", "kind": kind.name, kind.name: another}
    batched = alice.post(f"{alice.tasks}/batch", json={"operations": [operation]})
    assert_written_as_by(BatchRead, batched.content)
    alice.delete(f"{path}/{second['id']}")
    assert_written_as_by(ChangesRead, alice.get(f"/api/{alice.id}/changes?kinds=all").content)
    page: dict[str, type[BaseModel]] = {
        "tasks": TaskPageRead,
        "lists": ListsRead,
        "sections": SectionsRead,
        "tags": TagsRead,
        "filters": FiltersRead,
    }
    assert_written_as_by(page[kind.plural], alice.get(path).content)


def test_no_two_kinds_are_called_the_same() -> None:
    for names in ([kind.name for kind in KINDS], [kind.plural for kind in KINDS]):
        assert len(set(names)) == len(names)
        assert "all" not in names
