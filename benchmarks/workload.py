"""What both servers hold and what is asked of them: the same, as far as their interfaces allow."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Any, Final

import httpx

from benchmarks.client import Exchange, http_request

USERS: Final = 51
TASKS_EACH: Final = 1000
PASSWORD: Final = "correct horse battery staple"  # noqa: S105 - a benchmark's

GET: Final = "get one"
LIST: Final = "list 20, with total"
COMPLETE: Final = "complete"
CREATE: Final = "create"
OPERATIONS: Final = (GET, LIST, COMPLETE, CREATE)
"""In the order in which they are measured: creating comes last, since it makes the account larger."""


def email(user: int) -> str:
    """The address of a user. User 0 is the one who asks; the others only have their tasks there."""
    return f"user{user}@example.com"


def title(number: int) -> str:
    """The title of a user's task."""
    return f"Buy oat milk for the {number}th time"


def description(number: int) -> str:
    """Its description, about as long as people's are."""
    return f"Two litres, unsweetened, from the shop at the corner. The one of week {number} was sour before its date."


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """How one server says what both can say: paths, fields and statuses."""

    tasks: str
    newest_20: str
    completion: str
    """What follows the path of a task in the path of completing it."""
    page: str
    """The field of a list's answer with the tasks in it."""
    total: str
    owner: str
    is_completed: str
    owner_is_sent: bool
    """Whether a new task has to name its owner."""
    status_created: int
    status_not_yours: int
    status_nobody: int


@dataclass
class Account:
    """User 0's account on one server: what is asked of it, and what must come back."""

    interface: Interface
    url: str
    token: str
    owner_id: str
    ids: list[str]
    """Of all tasks, the oldest first."""
    others_id: str
    """Of another user's task."""
    created: int = field(default=0, init=False)

    def exchanges(self) -> dict[str, Iterator[Exchange]]:
        """For each operation its exchanges, without end."""
        return {
            GET: cycle(self._get()),
            LIST: cycle([self._list()]),
            # Every task is completed, then every task is reopened: each request changes something.
            COMPLETE: cycle([*self._complete(state=True), *self._complete(state=False)]),
            CREATE: self._create(),
        }

    def check_rules(self) -> None:
        """See that the server gives user 0 its own tasks, nobody else's, and nobody any without a token."""
        tasks = f"{self.url}{self.interface.tasks}"
        with httpx.Client(headers={"Authorization": f"Bearer {self.token}"}) as user:
            assert user.get(f"{tasks}/{self.ids[0]}").status_code == 200
            assert user.get(f"{tasks}/{self.others_id}").status_code == self.interface.status_not_yours
        assert httpx.get(f"{tasks}/{self.ids[0]}").status_code == self.interface.status_nobody

    def check_total(self) -> None:
        """See that every task is there that was created while measuring."""
        answer = httpx.get(f"{self.url}{self.interface.tasks}", headers={"Authorization": f"Bearer {self.token}"})
        total, expected = answer.json()[self.interface.total], TASKS_EACH + self.created
        assert total == expected, f"There are {total} tasks at {self.url}, and should be {expected}"

    def _get(self) -> Iterator[Exchange]:
        for number, task_id in enumerate(self.ids):
            yield self._exchange("GET", f"/{task_id}", {}, number, {"id": task_id})

    def _list(self) -> Exchange:
        newest = self.ids[:-21:-1]

        def check(body: bytes) -> None:
            answer = json.loads(body)
            tasks = answer[self.interface.page]
            assert answer[self.interface.total] == TASKS_EACH
            assert [task["id"] for task in tasks] == newest
            for age, task in enumerate(tasks, 1):
                self._check_task(task, TASKS_EACH - age, {})

        path = self.interface.tasks + self.interface.newest_20
        return Exchange(http_request("GET", path, self.token), 200, check)

    def _complete(self, *, state: bool) -> Iterator[Exchange]:
        content = {self.interface.is_completed: state}
        for number, task_id in enumerate(self.ids):
            path = f"/{task_id}{self.interface.completion}"
            yield self._exchange("PATCH", path, content, number, {"id": task_id, **content})

    def _create(self) -> Iterator[Exchange]:
        owner = {self.interface.owner: self.owner_id} if self.interface.owner_is_sent else {}
        for number in count(TASKS_EACH):
            self.created += 1
            content = {"title": title(number), "description": description(number), **owner}
            yield self._exchange(
                "POST", "", content, number, {self.interface.is_completed: False}, status=self.interface.status_created
            )

    def _exchange(
        self,
        method: str,
        path: str,
        content: dict[str, Any],
        number: int,
        expected: dict[str, Any],
        *,
        status: int = 200,
    ) -> Exchange:
        body = json.dumps(content).encode() if content else b""
        request = http_request(method, self.interface.tasks + path, self.token, body)
        return Exchange(request, status, lambda answer: self._check_task(json.loads(answer), number, expected))

    def _check_task(self, task: dict[str, Any], number: int, expected: dict[str, Any]) -> None:
        expected = {
            "title": title(number),
            "description": description(number),
            self.interface.owner: self.owner_id,
            **expected,
        }
        found = {name: task[name] for name in expected}
        assert found == expected, f"{found} is not {expected}"
