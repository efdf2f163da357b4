"""What a body or a query names by an id is looked for among one's own things: an id of somebody else's is as one of nobody's.

The members and parameters come from the OpenAPI document, and from the registration for batches: one that is new is attacked
without anybody remembering it.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from doable.batch.operations import REGISTERED
from doable.kinds import KINDS
from doable.tasks.kind import TASK
from support.changes import batch, changes, listed
from support.document import operations
from support.kinds import everything, example, filled, kind_of, one_of_each
from support.notifications import planted
from support.server import Server
from support.users import User

Ids = dict[str, str]

OF_THE_THING = {"id"}
"""The ids of what is written itself, in a batch: tests/test_isolation.py attacks those, and those in paths."""


OF_NO_THING = {"series"}
"""What nothing by itself has: there are no tasks of such a series, which is no error."""


class Attack(NamedTuple):
    """A request that names something: its body, or the parameter, has `HERE` where the id goes."""

    method: str
    path: str
    body: Any = None
    parameter: str | None = None
    only_new: bool = False

    def __str__(self) -> str:
        return " ".join(map(str, filter(None, (*self[:4], self.only_new and "If-None-Match"))))


HERE = "the id"


def resolved(schema: dict[str, Any], root: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every schema that this one may be: behind references, and each of several."""
    if "$ref" in schema:
        found: Any = root
        for name in schema["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        yield from resolved(found, root)
        return
    several = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if not several:
        yield schema
    for each in several:
        yield from resolved(each, root)


def is_id(schema: dict[str, Any], root: dict[str, Any]) -> bool:
    return any(each.get("format") == "uuid" for each in resolved(schema, root))


def needed(schema: dict[str, Any], root: dict[str, Any]) -> Any:
    """The least that the schema takes. An id is written as the paths have it."""
    each = next(resolved(schema, root))
    if each.get("type") == "object":
        of = each["properties"]
        return {
            name: f"{{{name}}}" if is_id(of[name], root) else needed(of[name], root)
            for name in each.get("required", ())
        }
    if "const" in each:
        return each["const"]
    return (schema.get("examples") or each.get("examples") or each["enum"])[0]


def is_text(schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Whether it takes words, among which may be the name of something."""
    others = {"format", "enum", "const"}
    return any(each.get("type") == "string" and not others & each.keys() for each in resolved(schema, root))


Wanted = Callable[[dict[str, Any], dict[str, Any]], bool]


def bodies(schema: dict[str, Any], root: dict[str, Any], is_wanted: Wanted = is_id) -> Iterator[Any]:
    """For each id in what the schema takes, or each text, the least body that has it."""
    for each in resolved(schema, root):
        for name, member in each.get("properties", {}).items():
            if name in OF_THE_THING:
                continue
            assert is_id(member, root) or not name.endswith(("_id", "_ids")), f"{name} takes more than UUIDs"
            if is_wanted(member, root):
                yield {**needed(each, root), name: HERE}
            for inner in bodies(member, root, is_wanted):
                yield {**needed(each, root), name: inner}
        if each.get("type") == "array":
            items = each["items"]
            yield from ([inner] for inner in ([HERE] if is_wanted(items, root) else bodies(items, root, is_wanted)))


def attacks(document: dict[str, Any], is_wanted: Wanted = is_id) -> Iterator[Attack]:
    for method, path, operation in operations(document):
        if "{user_id}" not in path:
            continue
        for parameter in operation.get("parameters", ()):
            schema = parameter["schema"]
            if parameter["in"] == "query" and is_wanted(schema.get("items", schema), document):
                yield Attack(method, path, parameter=parameter["name"])
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None or path.endswith("/batch"):
            continue
        for body in bodies(content["schema"], document, is_wanted):
            only_makes = any(
                each.get("required") for each in operation["parameters"] if each["name"] == "If-None-Match"
            )
            if not only_makes:
                yield Attack(method, path, body)
            kind = kind_of((method, path))
            if method == "put" and kind is not None:
                yield Attack(method, path, {**example(kind.create), **body}, only_new=True)


def attacks_in_batches(is_wanted: Wanted = is_id) -> Iterator[Attack]:
    for registered in REGISTERED.values():
        schema = registered.model.model_json_schema()
        for body in bodies(schema, schema, is_wanted):
            one = f"{{{registered.kind.name}_id}}"
            named = {
                "kind": registered.kind.name,
                "op": registered.op,
                **({"id": one} if registered.op != "create" else {}),
            }
            yield Attack("post", "/api/{user_id}/tasks/batch", {"operations": [{**body, **named}]})


def put_in(body: Any, ids: Ids, id_: str) -> Any:
    """The body with this id in its place, and one's own in all others."""
    if isinstance(body, dict):
        return {name: put_in(value, ids, id_) for name, value in body.items()}
    if isinstance(body, list):
        return [put_in(value, ids, id_) for value in body]
    if body == HERE:
        return id_
    return filled(body, ids) if isinstance(body, str) else body


def sent(user: User, attack: Attack, ids: Ids, id_: str) -> httpx.Response:
    own = {name: str(uuid.UUID(int=7)) for name in ids} if attack.only_new else ids
    return user.request(
        attack.method,
        filled(attack.path, {**own, "user_id": "me"}),
        json=put_in(attack.body, ids, id_),
        params=None if attack.parameter is None else {attack.parameter: id_},
        headers={"If-None-Match": "*"} if attack.only_new else {},
    )


def what_it_says(answer: httpx.Response) -> tuple[int, bytes, dict[str, str]]:
    """All of an answer that is not different each time."""
    headers = {name: value for name, value in answer.headers.items() if name not in {"x-request-id", "date"}}
    return answer.status_code, answer.content, headers


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{server.url}/openapi.json").json()
    return found


def test_nothing_is_told_or_taken_of_what_somebody_else_has(document: dict[str, Any], alice: User, bob: User) -> None:
    his, hers = one_of_each(bob), one_of_each(alice)
    before = [everything(user) for user in (alice, bob)]
    tried = set()
    for attack in (*attacks(document), *attacks_in_batches()):
        nobodys = sent(alice, attack, hers, str(uuid.uuid4()))
        for id_ in his.values():
            assert what_it_says(sent(alice, attack, hers, id_)) == what_it_says(nobodys), str(attack)
        answer = nobodys.json()
        if attack.parameter in OF_NO_THING:
            assert (nobodys.status_code, answer["tasks"]) == (200, []), (str(attack), answer)
            continue
        assert nobodys.status_code == 422, (str(attack), answer)
        (problem,) = answer["detail"]
        assert problem["type"] in {"not_found", "use_move"}, (str(attack), answer)
        tried.add(problem["loc"][-1])
    assert [everything(user) for user in (alice, bob)] == before
    assert tried >= {"list_id", "section_id", "parent_id", "before", "after", "into", "default_list_id"}


def with_names(user: User, ids: Ids, name: str) -> None:
    """Have one thing of each kind be called so."""
    called = [(kind, "title" if kind is TASK else "name") for kind in KINDS]
    operations = [
        {"op": "update", "kind": kind.name, "id": ids[f"{kind.name}_id"], kind.name: {member: name}}
        for kind, member in called
    ]
    assert user.post(f"{user.tasks}/batch", json={"operations": operations}).status_code == 200


def but_names(answer: httpx.Response) -> tuple[int, str]:
    """What an answer says, whatever the names are and however many, and whichever ids, revisions and instants it has."""
    text = re.sub(r'"name[0-9a-f]{32}"(,"name[0-9a-f]{32}")*', '"names"', answer.text)
    text = re.sub(r"name[0-9a-f]{32}", "a name", text)
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "an id", text)
    return answer.status_code, re.sub(r"[0-9]+", "1", text)


def test_no_name_of_somebody_elses_is_known(document: dict[str, Any], alice: User, bob: User) -> None:
    """Of a tag, a list, a section, a filter, a task, wherever a text is taken."""
    his, hers = one_of_each(bob), one_of_each(alice)
    begun, tried = changes(bob)["revision"], list[str | None]()
    texts = (*attacks(document, is_text), *attacks_in_batches(is_text))
    for attack in (each for each in texts if not each.only_new):
        nobodys, name = (f"name{uuid.uuid4().hex}" for _ in range(2))
        with_names(bob, his, name)
        for sign in ("@", "#", "") if attack.parameter is not None else ("",):
            answers = [sent(alice, attack, hers, f"{sign}{each}") for each in (nobodys, name)]
            assert but_names(answers[0]) == but_names(answers[1]), str(attack)
            assert not any(id_ in answers[1].text for id_ in his.values())
        tried.append(attack.parameter)
    # He has had nothing written but by himself.
    assert changes(bob)["revision"] == begun + len(tried) * len(KINDS)
    assert len(tried) > 40
    assert "tag" in tried


def test_no_cursor_of_somebody_elses_leads_to_what_is_there(document: dict[str, Any], alice: User, bob: User) -> None:
    """It leads to one's own things alone, and to the same ones when there is nothing any longer that it was made from."""
    paths = [
        filled(path, {"user_id": "me"})
        for method, path, operation in operations(document)
        if method == "get" and any(parameter["name"] == "cursor" for parameter in operation.get("parameters", ()))
    ]
    assert paths
    for user in (alice, bob):
        batch(user, *({"op": "create", "task": {"title": f"{number} of {user.email}"}} for number in range(3)))
        for _ in range(3):
            planted(user)
    cursors = {path: bob.get(path, params={"limit": 1}).json()["next_cursor"] for path in paths}

    def answers() -> list[tuple[int, bytes]]:
        found = [alice.get(path, params={"cursor": cursor}) for path, cursor in cursors.items()]
        assert not any(bob.email in answer.text for answer in found)
        return [(answer.status_code, answer.content) for answer in found]

    before = answers()
    assert {status for status, _ in before} == {200}
    for task in listed(bob):
        bob.delete(f"{bob.tasks}/{task}")
    assert answers() == before
