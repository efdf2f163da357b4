"""What one user asks of Doable, and what must come back."""

import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Final

import httpx

from benchmarks.client import Exchange
from benchmarks.filling import LIST_ID, TAG, is_in_list, is_open
from benchmarks.messages import http_request
from benchmarks.workload import description, title

PATH: Final = "/api/me/tasks"
LIMIT: Final = 20
MIX: Final = ("get", "page") * 3 + ("complete", "get", "page", "update", "create") + ("get", "page") * 3 + (
    "complete",
    "update",
    "delete",
)  # fmt: skip
"""70 % reads, 20 % changes, 10 % of what makes the account larger and smaller."""


@dataclass
class Owner:
    """A user, whose tasks were filled in."""

    token: str
    ids: list[str]
    """Of the tasks, the oldest first."""
    created: int = field(default=0, init=False)
    deleted: int = field(default=0, init=False)

    def get(self) -> Iterator[Exchange]:
        """Each of the tasks, in no order."""
        return self._get(list(enumerate(self.ids)))

    def page(self, offset: int = 0) -> Iterator[Exchange]:
        """A page of an account in which nothing has changed."""
        end = len(self.ids) - offset
        expected = self.ids[end - LIMIT : end][::-1]

        def check(body: bytes) -> None:
            answer = json.loads(body)
            assert [task["id"] for task in answer["tasks"]] == expected
            assert answer["total"] == len(self.ids)

        return cycle([self._read(f"{PATH}?limit={LIMIT}&offset={offset}", check)])

    def inbox(self) -> Iterator[Exchange]:
        """The first page of the open tasks of the inbox, in their order."""
        return self._view("list=inbox&completed=false&sort=position")

    def of_list(self) -> Iterator[Exchange]:
        """The same of a list."""
        return self._view(f"list={LIST_ID}&completed=false&sort=position")

    def completed(self) -> Iterator[Exchange]:
        """What was completed last."""
        return self._view("completed=true&sort=-completed_at")

    def today(self) -> Iterator[Exchange]:
        """What is due today."""
        return self._view("due_from=today&due_before=tomorrow&completed=false&sort=due")

    def overdue(self) -> Iterator[Exchange]:
        """What should be done already."""
        return self._view("overdue=true&sort=due")

    def important(self) -> Iterator[Exchange]:
        """What is of high priority."""
        return self._view("priority=high&completed=false&sort=priority")

    def tagged(self) -> Iterator[Exchange]:
        """What has a tag and is open."""
        return self._view(f"tag={TAG}&completed=false")

    def other(self, query: str) -> Iterator[Exchange]:
        """Any other page, even an empty one."""
        return cycle([self._read(f"{PATH}?{query}&limit={LIMIT}", json.loads)])

    def counts(self) -> Iterator[Exchange]:
        """The open tasks of the inbox, of each list and tag."""
        inbox = sum(1 for number in range(len(self.ids)) if is_open(number) and not is_in_list(number))

        def check(body: bytes) -> None:
            assert json.loads(body)["inbox"] == inbox

        return cycle([self._read("/api/me/counts", check)])

    def _view(self, query: str) -> Iterator[Exchange]:
        return cycle([self._read(f"{PATH}?{query}&limit={LIMIT}", _check_full_page)])

    def changes(self) -> Iterator[Exchange]:
        """The newest page of the feed of an account in which nothing has changed."""

        def check(body: bytes) -> None:
            answer = json.loads(body)
            assert [change["id"] for change in answer["changes"]] == self.ids[-LIMIT:]
            assert (answer["revision"], answer["has_more"]) == (len(self.ids), False)

        since = len(self.ids) - LIMIT
        return cycle([self._read(f"/api/me/changes?since={since}&limit={LIMIT}", check)])

    def create(self) -> Iterator[Exchange]:
        """A new task."""
        for number in count(len(self.ids)):
            content = {"title": title(number), "description": description(number)}
            self.created += 1
            yield self._task("POST", PATH, content, status=201)

    def update(self) -> Iterator[Exchange]:
        """Another title for each of the tasks, again and again."""
        return self._update(list(enumerate(self.ids)))

    def complete(self) -> Iterator[Exchange]:
        """Each of the tasks is completed, then opened again."""
        return self._complete(list(enumerate(self.ids)))

    def delete(self) -> Iterator[Exchange]:
        """Each of the tasks, once."""
        return self._delete(self.ids)

    def mix(self) -> Iterator[Exchange]:
        """Everything, until the older half of the tasks is deleted. All else is done to the newer half."""
        half = len(self.ids) // 2
        newer = list(enumerate(self.ids))[half:]
        kinds = {
            "get": self._get(newer),
            "page": cycle([self._read(f"{PATH}?limit={LIMIT}", _check_full_page)]),
            "complete": self._complete(newer),
            "update": self._update(newer),
            "create": self.create(),
            "delete": self._delete(self.ids[:half]),
        }
        for kind in cycle(MIX):
            yield next(kinds[kind])

    def check_total(self, port: int) -> None:
        """See that every task is there that should be, and no other."""
        headers = {"Authorization": f"Bearer {self.token}"}
        total = httpx.get(f"http://127.0.0.1:{port}{PATH}", headers=headers).raise_for_status().json()["total"]
        expected = len(self.ids) + self.created - self.deleted
        assert total == expected, f"There are {total} tasks, and should be {expected}"

    def _read(self, path: str, check: Callable[[bytes], object]) -> Exchange:
        return Exchange(http_request("GET", path, self.token), 200, check)

    def _get(self, numbered: list[tuple[int, str]]) -> Iterator[Exchange]:
        in_no_order = random.sample(numbered, len(numbered))
        return cycle(
            self._task("GET", f"{PATH}/{task_id}", {"id": task_id, "description": description(number)}, body=False)
            for number, task_id in in_no_order
        )

    def _complete(self, numbered: list[tuple[int, str]]) -> Iterator[Exchange]:
        for state in cycle([True, False]):
            for _, task_id in numbered:
                yield self._task("PATCH", f"{PATH}/{task_id}/complete", {"is_completed": state})

    def _update(self, numbered: list[tuple[int, str]]) -> Iterator[Exchange]:
        for round_ in count(1):
            for number, task_id in numbered:
                yield self._task("PUT", f"{PATH}/{task_id}", {"title": f"{title(number)}, {round_}"})

    def _delete(self, ids: list[str]) -> Iterator[Exchange]:
        for task_id in ids:
            self.deleted += 1
            yield Exchange(http_request("DELETE", f"{PATH}/{task_id}", self.token), 204, _check_empty)

    def _task(
        self, method: str, path: str, content: Mapping[str, object], *, status: int = 200, body: bool = True
    ) -> Exchange:
        """A request whose answer is a task with this content, which is sent too where there is a body."""

        def check(answer: bytes) -> None:
            task = json.loads(answer)
            assert {name: task[name] for name in content} == content

        request = http_request(method, path, self.token, json.dumps(content).encode() if body else b"")
        return Exchange(request, status, check)


def _check_full_page(body: bytes) -> None:
    assert len(json.loads(body)["tasks"]) == LIMIT


def _check_empty(body: bytes) -> None:
    assert not body
