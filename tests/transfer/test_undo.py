"""DELETE /api/{user_id}/imports/{id}: what an import has made goes, but for what somebody needs."""

import uuid

from support.changes import listed
from support.kinds import everything
from support.moving import Thing, document, imported, undone
from support.users import User

LIST = {"id": str(uuid.uuid4()), "name": "Groceries"}
SECTION = {"id": str(uuid.uuid4()), "name": "Dairy", "list_id": LIST["id"]}


def some() -> tuple[Thing, dict[str, str]]:
    ids = {title: str(uuid.uuid4()) for title in ("parent", "child", "changed", "tagged")}
    tasks: list[Thing] = [
        {"id": ids["child"], "title": "child", "parent_id": ids["parent"], "list_id": LIST["id"]},
        {"id": ids["parent"], "title": "parent", "list_id": LIST["id"], "section_id": SECTION["id"]},
        {"id": ids["changed"], "title": "changed"},
        {"id": ids["tagged"], "title": "tagged", "tags": ["shop"]},
    ]
    return document(lists=[LIST], sections=[SECTION], tasks=tasks), ids


def test_nothing_is_left_of_it(alice: User) -> None:
    mine = alice.new_task("mine", tags=["home"])
    before = {change["id"] for change in everything(alice)}
    content, _ = some()
    made = imported(alice, content)
    found = undone(alice, made["id"])
    assert (found["state"], found["removed"], found["stayed"]) == ("undone", 7, {"total": 0, "items": []})
    assert {change["id"] for change in everything(alice) if not change["deleted"]} == before
    assert [*listed(alice)] == [mine["id"]]
    assert undone(alice, made["id"]) == found
    # Whoever wants it after all imports it again.
    assert imported(alice, content)["kinds"]["task"]["made"] == 4


def test_what_was_changed_since_or_is_needed_stays_and_is_told(alice: User) -> None:
    content, ids = some()
    made = imported(alice, content)
    alice.patch(f"{alice.tasks}/{ids['changed']}", json={"title": "mine by now"}).raise_for_status()
    alice.new_task("mine", list_id=LIST["id"], tags=["shop"])
    alice.delete(f"{alice.tasks}/{ids['tagged']}").raise_for_status()
    found = undone(alice, made["id"])
    told = {(each["kind"], each["title"]) for each in found["stayed"]["items"]}
    assert told == {("task", "mine by now"), ("list", "Groceries"), ("tag", "shop")}
    assert (found["removed"], found["stayed"]["total"]) == (3, 3)
    assert {each["title"] for each in listed(alice).values()} == {"mine by now", "mine"}
