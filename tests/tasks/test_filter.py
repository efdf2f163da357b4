"""GET /api/{user_id}/tasks?filter and ?filter_id: the tasks that a text means."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import pytest

from doable.tasks import filter_text, filtering
from doable.tasks.conditions import Every
from doable.tasks.moments import Moment, Present, parse
from support.changes import batch
from support.filtering import World, find, zone_at_noon
from support.users import User, assert_error
from support.writes import assert_detailed_error
from tasks.test_filter_text import TABLE

Thing = dict[str, Any]


def make(user: User, kind: str, **fields: Any) -> str:
    answer = user.post(f"/api/me/{kind}", json=fields)
    assert answer.status_code == 201, answer.text
    id_: str = answer.json()["id"]
    return id_


def save(user: User, query: str, **fields: Any) -> str:
    return make(user, "filters", name="a", query=query, **fields)


def make_tasks(user: User, zone: str) -> dict[str, str]:
    """The tasks of the table, by their names in it."""
    here = Present(datetime.now(UTC), zone)
    lists = {each["name"]: make(user, "lists", **each) for each in TABLE["lists"]}
    sections = {
        each["name"]: make(user, "sections", name=each["name"], list_id=lists[each["list"]])
        for each in TABLE["sections"]
    }
    made: dict[str, str] = {}
    for name, described in TABLE["tasks"].items():
        task = dict(described)
        for member, ids in (("list", lists), ("section", sections), ("parent", made)):
            if member in task:
                task[f"{member}_id"] = ids[task.pop(member)]
        for member in ("due", "start"):
            if member in task:
                task[member] = {**task[member], "date": here.resolve(parse(task[member]["date"])).local}
        closed = {state: task.pop(state) for state in ("is_completed", "is_cancelled") if state in task}
        made[name] = user.new_task(**task)["id"]
        if closed:
            assert user.patch(f"{user.tasks}/{made[name]}", json=closed).status_code == 200
    return made


def test_every_filter_of_the_table_finds_what_it_says(alice: User) -> None:
    zone = zone_at_noon()
    made = make_tasks(alice, zone)
    names = {id_: name for name, id_ in made.items()}
    world = World.of(alice, zone)
    for case in TABLE["filters"]:
        text = case["text"]
        if "finds" in case:
            assert {names[id_] for id_ in find(alice, filter=text, timezone=zone)} == set(case["finds"]), text
            meant = filtering.meant([filter_text.parse(text)], completed=None, archived=None)
            assert {names[id_] for id_ in world.find(Every(tuple(meant)))} == set(case["finds"]), text


def refuse(user: User, **asked: Any) -> httpx.Response:
    return user.get(user.tasks, params=asked)


@pytest.mark.parametrize(
    "case", [each for each in TABLE["filters"] if "position" in each], ids=lambda each: each["text"]
)
def test_a_text_that_cannot_be_read_is_refused_with_the_place(one_user: User, case: Thing) -> None:
    answer = refuse(one_user, filter=case["text"])
    assert_detailed_error(answer, 422, "filter_invalid", position=case["position"])
    (problem,) = answer.json()["detail"]
    assert (problem["loc"], problem["type"]) == (["query", "filter"], "filter_invalid")
    assert problem["msg"] == answer.json()["message"]


LISTS: Final = ("Home", "Work", "work", "Attic")
TAGS: Final = ("home", "home/garden", "Größe", "x y")
ZONES: Final = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Auckland")
PRIORITIES: Final = ("none", "low", "medium", "high")


class Anybody:
    """Who has any tasks and asks for any of them, the same ones each time."""

    def __init__(self, seed: int, zone: str) -> None:
        self.random = random.Random(seed)  # noqa: S311 - it is to be the same each time
        self.here = Present(datetime.now(UTC), zone)

    def maybe(self, value: Any, chance: float = 0.5) -> Any:
        return value if self.random.random() < chance else None

    def moment(self) -> Thing | None:
        """A date, or a time at least a quarter of an hour from now and from the same time of any other day, in any zone."""
        day = self.here.resolve(Moment("today", days=self.random.randint(-9, 9))).local
        late = datetime.now(UTC) + timedelta(minutes=30)
        time = f"{self.random.randrange(24):02}:{late.minute:02}:00"
        return self.random.choice([
            None, {"date": day}, {"date": day, "time": time}, {"date": day, "time": time, "timezone": self.random.choice(ZONES)},
        ])  # fmt: skip

    def task(self, lists: list[str], sections: dict[str, str]) -> Thing:
        list_id = self.maybe(self.random.choice(lists), 0.8)
        return {
            "title": self.random.choice(["Oat milk", "Milk", "Bread"]),
            "list_id": list_id,
            "section_id": self.maybe(sections.get(list_id or "")),
            "due": self.moment(),
            "start": self.moment(),
            "priority": self.random.choice(PRIORITIES),
            "tags": self.random.sample(TAGS, self.random.choice([0, 0, 1, 2])),
        }

    def text(self, lists: list[str], depth: int = 0) -> str:
        choice = self.random.random()
        if depth < 4 and choice < 0.5:
            parts = [self.text(lists, depth + 1) for _ in range(self.random.randint(2, 3))]
            return f"({self.random.choice([' & ', '|']).join(parts)})"
        if choice < 0.65:
            return f"!{self.text(lists, depth + 1)}"
        return self.term(lists)

    def term(self, lists: list[str]) -> str:
        shift = self.random.choice(["", f"{self.random.randint(-9, 9):+d}{self.random.choice('dw')}"])
        base = self.random.choice(["today", "tomorrow", "now", "week", "friday", "yesterday"])
        how = self.random.choice(["before", "after"] if base == "now" else ["before", "after", "on"])
        return self.random.choice([
            self.random.choice(sorted(filter_text.CONDITIONS)),
            f"{self.random.choice(['due', 'due', 'start', 'created', 'completed'])} {how} {base}{shift}",
            f"{self.random.randint(0, 9)} days",
            f"#{self.random.choice([*LISTS, 'nowhere'])}",
            f"list:{self.random.choice([*lists, uuid.UUID(int=1)])}",
            self.random.choice(["/Doing", "/doing", "/nowhere"]),
            f'@"{self.random.choice([*TAGS, "nowhere"])}"',
            self.random.choice(["@home*", "@GR*", "@nowhere*"]),
            self.random.choice(["search:milk", "search:oat mi", "search:bread"]),
        ])  # fmt: skip


def test_any_filter_finds_what_a_model_of_it_finds(alice: User) -> None:
    zone = zone_at_noon()
    anybody = Anybody(0, zone)
    lists = [make(alice, "lists", name=name, is_archived=name == "Attic") for name in LISTS]
    sections = {list_id: make(alice, "sections", list_id=list_id, name="Doing") for list_id in lists[1:3]}
    made = batch(alice, *({"op": "create", "task": anybody.task(lists, sections)} for _ in range(60)))
    ids = [each["id"] for each in made]
    children = [{"op": "create", "task": {"title": "Milk", "parent_id": id_}} for id_ in ids[:5]]
    closed = [
        {"op": "update", "id": id_, "task": {"is_completed": True, "is_cancelled": number % 3 == 0}}
        for number, id_ in enumerate(ids[40:])
    ]
    batch(alice, *children, *closed)
    world, found, asked = World.of(alice, zone), 0, 120
    for number in range(asked):
        text = anybody.text(lists)
        given = {
            "completed": anybody.random.choice([None, None, True, False]),
            "archived": anybody.random.choice([None, None, None, True]),
        }
        more = {name: str(value).lower() for name, value in given.items() if value is not None}
        sort = anybody.random.choice(["created_at", "-updated_at", "due", "priority"])
        meant = filtering.meant([filter_text.parse(text)], **given)
        said = [filter_text.parse("completed")] * (given["completed"] is True)
        said += [filter_text.parse("!completed")] * (given["completed"] is False)
        expected = {
            task["id"]
            for task in world.tasks
            if world.holds(Every((*said, *meant)), task)
            and (given["archived"] is None or world.lists.get(task["list_id"] or "", {}).get("is_archived") is True)
        }
        assert find(alice, filter=text, sort=sort, timezone=zone, **more) == expected, (number, text, more, sort)
        found += 0 < len(expected) < len(ids) / 2
    assert found > asked / 4


def test_a_saved_filter_is_asked_by_its_id_in_its_order(alice: User) -> None:
    tasks = [alice.new_task(f"{number}", priority="high" if number < 2 else "none")["id"] for number in range(3)]
    by_id = {"filter_id": save(alice, "p1", sort="created_at")}

    def listed(**asked: Any) -> list[str]:
        return [task["id"] for task in alice.get(alice.tasks, params=asked).json()["tasks"]]

    assert listed(**by_id) == tasks[:2]
    assert listed(**by_id, sort="-created_at") == [tasks[1], tasks[0]]
    assert listed(**by_id, filter="p4") == []
    assert listed(**by_id, priority="low") == []
    alice.patch(f"/api/me/filters/{by_id['filter_id']}", json={"query": "p4", "sort": None})
    assert listed(**by_id) == [tasks[2]]
    # Where an order is not to be had for what is asked, it is the usual one.
    alice.patch(f"/api/me/filters/{by_id['filter_id']}", json={"query": "all", "sort": "position"})
    assert listed(**by_id) == tasks[::-1]
    alice.patch(f"{alice.tasks}/{tasks[0]}", json={"is_completed": True})
    assert listed(filter_id=save(alice, "completed", sort="-completed_at")) == [tasks[0]]
    assert_error(refuse(alice, **by_id, sort="position"), 422, "sort_needs")


def test_a_filter_and_parameters_hold_together(alice: User) -> None:
    attic = make(alice, "lists", name="Attic", is_archived=True)
    old, new = alice.new_task("old", list_id=attic)["id"], alice.new_task("new")["id"]
    done = alice.new_task("done")["id"]
    alice.patch(f"{alice.tasks}/{done}", json={"is_completed": True})
    assert find(alice, filter="p4") == {new}
    assert find(alice, filter="p4", completed="true") == {done}
    assert find(alice, filter="all", completed="false") == {new}
    assert find(alice, filter="all") == {new, done}
    assert find(alice, filter="p4", archived="true") == {old}
    # A list that is asked for is looked into, archived or not.
    assert find(alice, filter="p4", list=attic) == {old}
    assert find(alice, filter="p4", list=attic, archived="false") == set()
    assert find(alice, filter="all", filter_id=save(alice, "p4")) == {new, done}
    page = alice.get(alice.tasks, params={"filter": "all", "limit": 1, "total": True}).json()
    assert (page["total"], page["tasks"][0]["id"]) == (2, done)
    rest = {"filter": "all", "limit": 1, "cursor": page["next_cursor"]}
    assert [task["id"] for task in alice.get(alice.tasks, params=rest).json()["tasks"]] == [new]
    assert_error(refuse(alice, **{**rest, "filter": "p4"}), 422, "cursor_invalid")


def test_a_filter_finds_nothing_by_what_is_not_ones_own(alice: User, bob: User) -> None:
    theirs = {"list": make(bob, "lists", name="Secret"), "filter": save(bob, "all")}
    bob.new_task("theirs", list_id=theirs["list"], tags=["secret"])
    mine = alice.new_task("mine")["id"]
    for text in (f"list:{theirs['list']}", f"list:{uuid.uuid4()}", f"list:{alice.id}", "#Secret", "@secret", "@s*"):
        assert find(alice, filter=text) == set(), text
        assert find(alice, filter=f"!{text}") == {mine}, text
    for id_ in (theirs["filter"], str(uuid.uuid4())):
        (problem,) = assert_error(refuse(alice, filter_id=id_), 422, "validation_error")["detail"]
        assert (problem["loc"], problem["type"]) == (["query", "filter_id"], "not_found")
    assert_error(refuse(alice, filter_id="nonsense"), 422, "validation_error")
    assert_error(refuse(alice, filter="today", timezone="Mars/Olympus"), 422, "validation_error")


@pytest.mark.parametrize("written", ["search:{}", "search:{} & search:{} & search:{} & search:{}"])
def test_all_words_of_q_a_filter_and_a_saved_one_are_searched_for(alice: User, written: str) -> None:
    words = [f"w{number:02}" for number in range(30)]
    found, _ = (alice.new_task(" ".join(some))["id"] for some in (words[::-1], words[:29]))

    def query(some: list[str]) -> str:
        apart = written.count("search:") - 1
        return written.format(*some[:apart], " ".join(some[apart:]))

    together = {"q": " ".join(words[:10]), "filter": query(words[10:20]), "filter_id": save(alice, query(words[20:]))}
    assert find(alice, **together) == {found}
