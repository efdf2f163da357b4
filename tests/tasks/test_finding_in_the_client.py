"""The web client finds without the server, in what it has in memory: the same tasks, in the same order.

More questions about more tasks, and others each time: `FINDING=2000 pytest tests/tasks/test_finding_in_the_client.py`.
"""

import os
import random
from typing import Any, Final

import pytest

from doable.tasks import filter_text
from support.changes import batch
from support.filtering import zone_at_noon
from support.finding_client import found, listed
from support.node import NODE
from support.users import User
from tasks.test_filter import LISTS, Anybody, make, save

pytestmark = pytest.mark.skipif(
    not NODE.exists(), reason="NOT TESTED: there is no Node.js in .venv, which runs the client"
)

Thing = dict[str, Any]

FEW: Final = 150
SORTS: Final = ("-created_at", "created_at", "-updated_at", "updated_at", "due", "priority")
WORDS: Final = ("milk", "oat mi", "Bread", '"oat milk"', "zoe", "o", "strasse %", '"milk" b', "nothing")


class Account:
    """A user with any tasks, in lists, sections, trees and all states."""

    def __init__(self, user: User, seed: int, number: int) -> None:
        self.user = user
        self.anybody = Anybody(seed, zone_at_noon())
        self.random = self.anybody.random
        user.patch("/api/me/preferences", json={"timezone": self.anybody.here.zone})
        self.lists = [make(user, "lists", name=name, is_archived=name == "Attic") for name in LISTS]
        sections = {list_id: make(user, "sections", list_id=list_id, name="Doing") for list_id in self.lists[1:3]}
        self.tasks: list[str] = []
        while len(self.tasks) < number:
            some = [self.task(sections) for _ in range(min(100, number - len(self.tasks)))]
            self.tasks += [each["id"] for each in batch(user, *({"op": "create", "task": task} for task in some))]
        for at in range(0, number, 100):
            batch(user, *self.changes(self.tasks[at : at + 100]))

    def task(self, sections: dict[str, str]) -> Thing:
        """One of any sort; some are subtasks of the first hundred."""
        task = self.anybody.task(self.lists, sections)
        task["title"] = self.random.choice(["Oat milk", "Milk", "Bread", "Zoë's bread", "Straße", "東京で会議"])
        task["description"] = self.random.choice([None, None, "oat\nmilk", "for Bread"])
        if self.tasks and self.random.random() < 0.2:
            del task["list_id"], task["section_id"]
            task["parent_id"] = self.random.choice(self.tasks[:100])
        if task["due"] and self.random.random() < 0.1:
            task["recurrence"] = {"rule": "FREQ=DAILY"}
        return task

    def changes(self, some: list[str]) -> list[Thing]:
        """Some are moved, completed, cancelled or changed."""
        made: list[Thing] = []
        for id_ in some:
            chance = self.random.random()
            if chance < 0.2:
                task = {"is_completed": True, "is_cancelled": self.random.random() < 0.3}
                made.append({"op": "update", "id": id_, "task": task})
            elif chance < 0.25:
                made.append({"op": "complete", "id": id_})
            elif chance < 0.3:
                made.append({"op": "update", "id": id_, "task": {"priority": "high"}})
            elif chance < 0.5:
                made.append({"op": "move", "id": id_, "to": {"place": self.random.choice(["first", "last"])}})
        return made

    def questions(self, number: int) -> list[tuple[Thing, Thing]]:
        """What the client is asked, and with which parameters the server is."""
        return [self.question(place) for place in range(number)]

    def text(self) -> str:
        """A filter that has not too many words to search for, nor too many conditions, with some more."""
        while True:
            text = self.anybody.text(self.lists)
            if text.count("search:") < 5 and len(text) < filter_text.MAX_LENGTH / 2:
                return text

    def question(self, place: int) -> tuple[Thing, Thing]:
        text = self.text()
        match place % 10:
            case 0 | 1:
                query = self.random.choice(
                    [text, f"completed & ({text})", f"inbox & ({text})", f"list:{self.lists[0]} & ({text})"]
                )
                sort = self.random.choice([None, *SORTS, "position", "-completed_at"])
                id_ = save(self.user, query, sort=sort)
                return {"ask": "saved", "id": id_}, {"filter_id": id_}
            case 2:
                words, completed = self.random.choice(WORDS), self.random.random() < 0.5
                sort = "-completed_at" if completed else "-created_at"
                return (
                    {"ask": "search", "text": words, "completed": completed},
                    {"q": words, "completed": completed, "sort": sort},
                )
        sort = self.random.choice(SORTS)
        return {"ask": "filter", "text": text, "sort": sort}, {"filter": text, "sort": sort}


def test_it_finds_what_the_server_lists_in_its_order(one_user: User) -> None:
    number = int(os.environ.get("FINDING", FEW))
    seed = 15 if number == FEW else random.randrange(1_000_000)  # noqa: S311 - no secret
    account = Account(one_user, seed, 200 if number == FEW else number)
    views: list[tuple[Thing, Thing]] = [
        ({"ask": "today"}, {"due_from": "today", "due_before": "tomorrow", "sort": "due", "archived": False}),
        ({"ask": "upcoming"}, {"due_from": "tomorrow", "sort": "due", "archived": False}),
        ({"ask": "overdue"}, {"overdue": True, "sort": "due", "archived": False}),
    ]
    for tag in one_user.get("/api/me/tags").json()["tags"]:
        views += [
            ({"ask": "tag", "id": tag["id"], "sort": sort}, {"tag": tag["name"], "sort": sort, "archived": False})
            for sort in ("-created_at", "due", "priority")
        ]
    questions = [*account.questions(number), *((asked, {**said, "completed": False}) for asked, said in views)]
    in_lists = [({"ask": "list", "id": id_}, id_ or "inbox") for id_ in (None, *account.lists)]
    counted = [id_ for asked, _ in questions if asked["ask"] == "saved" for id_ in [asked["id"]]]
    answers = iter(
        found(
            one_user,
            [
                *(asked for asked, _ in questions),
                *(asked for asked, _ in in_lists),
                *({"ask": "count", "id": id_} for id_ in counted),
                {"ask": "counts"},
            ],
        )
    )
    some = 0
    for asked, parameters in questions:
        theirs = listed(one_user, **parameters)
        assert next(answers) == theirs, (seed, asked, parameters)
        some += bool(theirs)
    assert some > len(questions) / 3
    for _, id_ in in_lists:
        theirs = listed(one_user, list=id_, completed=False, sort="position")
        assert next(answers) == [len(theirs), theirs], (seed, id_)
    for id_ in counted:
        answer = next(answers)
        if answer is not None:
            assert answer == len(listed(one_user, filter_id=id_)), (seed, id_)
    assert next(answers) == one_user.get("/api/me/counts").json(), seed
