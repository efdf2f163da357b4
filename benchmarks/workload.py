"""What every server holds and what is asked of it: the same, as far as their interfaces allow."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count, cycle
from typing import Any, Final
from urllib.parse import urlencode

import httpx

from benchmarks.client import Exchange
from benchmarks.messages import http_request

USERS: Final = 51
TASKS_EACH: Final = 1000
PASSWORD: Final = "correct horse battery staple"  # noqa: S105 - a benchmark's
SECRET: Final = "a secret of the benchmark, of 32 bytes"  # noqa: S105 - as above

GET: Final = "get"
LIST: Final = "list"
COMPLETE: Final = "complete"
CREATE: Final = "create"
DELETE: Final = "delete"
UPDATE: Final = "update"
MIX: Final = "mix"
LOG_IN: Final = "log-in"
GROUPS: Final = ((GET,), (LIST,), (COMPLETE,), (CREATE, DELETE), (UPDATE,), (MIX,), (LOG_IN,))
"""In the order in which they are measured: reading what was filled in comes first. What is deleted was created before."""
OPERATIONS: Final = tuple(operation for group in GROUPS for operation in group)

_HALF: Final = (GET, LIST, GET, LIST, COMPLETE, GET, LIST)
OF_MIX: Final = (*_HALF, GET, LIST, UPDATE, *_HALF, CREATE, UPDATE, DELETE)
"""70 % list and get, 20 % complete and update, 10 % create and delete, in turn."""

Id = str | int
Check = Callable[[bytes], object]
Members = Callable[[int], dict[str, Any]]
"""By the number of a task."""


def email(user: int) -> str:
    """The address of a user. User 0 sends the requests; the others have tasks and log in."""
    return f"user{user}@example.com"


def title(number: int) -> str:
    """The title of a user's task."""
    return f"Buy oat milk for the {number}th time"


def description(number: int) -> str:
    """Its description, about as long as people's are."""
    return f"Two litres, unsweetened, from the shop at the corner. The one of week {number} was sour before its date."


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """How one server says what all can say: paths, fields and statuses."""

    tasks: str
    newest_20: str
    update_method: str
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
    log_in: str = ""
    identity: str = "email"
    """The field of the e-mail in a log-in."""
    log_in_is_a_form: bool = False
    token: str = "access_token"  # noqa: S105 - the name of a field

    def log_in_of(self, user: int) -> tuple[bytes, str]:
        """The body of a user's log-in and its media type."""
        content = {self.identity: email(user), "password": PASSWORD}
        if self.log_in_is_a_form:
            return urlencode(content).encode(), "application/x-www-form-urlencoded"
        return json.dumps(content).encode(), "application/json"


def log_in(url: str, interface: Interface) -> dict[str, Any]:
    """Log user 0 in; the answer."""
    body, media_type = interface.log_in_of(0)
    answer = httpx.post(f"{url}{interface.log_in}", content=body, headers={"Content-Type": media_type}, timeout=30)
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


@dataclass
class Account:
    """User 0's account on one server: what is asked of it, and what must come back."""

    interface: Interface
    port: int
    processes: tuple[int, ...]
    """The server's, and after it the database's."""
    token: str
    owner_id: Id
    ids: list[Any]
    """Of all tasks, the oldest first."""
    others_id: Id
    """Of another user's task."""
    more: Members = field(default=lambda _: {})
    """What every task has besides title and description, new ones too."""
    created: deque[bytes] = field(default_factory=deque, init=False)
    """The answers with the tasks that were created and have not been deleted."""

    def exchanges(self, operation: str) -> Iterator[Exchange]:
        """What is asked next: without end, but for deleting, which ends when nothing is left of what was created."""
        return self._delete() if operation == DELETE else self._endless[operation]

    @cached_property
    def _endless(self) -> dict[str, Iterator[Exchange]]:
        numbered = list(enumerate(self.ids))
        found = {
            GET: cycle([self._get(*each) for each in numbered]),
            LIST: cycle([self._list(self._check_newest)]),
            # Every task is completed, then every task is reopened: each request changes something.
            COMPLETE: cycle([self._complete(*each, state=state) for state in (True, False) for each in numbered]),
            CREATE: (self._create(number) for number in count(TASKS_EACH)),
            UPDATE: cycle([self._update(*each, more=more) for more in (" Ask.", "") for each in numbered]),
            LOG_IN: cycle([self._log_in(user) for user in range(1, USERS)]),
        }
        of_mix = found | {LIST: cycle([self._list(self._check_page)]), DELETE: self._delete()}
        return found | {MIX: self._mix(of_mix)}

    def check_rules(self) -> None:
        """See that the server gives user 0 its own tasks, nobody else's, and nobody any without a token."""
        tasks = f"http://127.0.0.1:{self.port}{self.interface.tasks}"
        with httpx.Client(headers={"Authorization": f"Bearer {self.token}"}) as user:
            assert user.get(f"{tasks}/{self.ids[0]}").status_code == 200
            assert user.get(f"{tasks}/{self.others_id}").status_code == self.interface.status_not_yours
        assert httpx.get(f"{tasks}/{self.ids[0]}").status_code == self.interface.status_nobody

    def check_total(self) -> None:
        """See that every task is there that was created while measuring, and none that was deleted."""
        url = f"http://127.0.0.1:{self.port}{self.interface.tasks}{self.interface.newest_20}"
        answer = httpx.get(url, headers={"Authorization": f"Bearer {self.token}"})
        total, expected = answer.json()[self.interface.total], TASKS_EACH + len(self.created)
        assert total == expected, f"There are {total} tasks at {url}, and should be {expected}"

    def _get(self, number: int, task_id: Id) -> Exchange:
        # Its description may have been updated.
        expected = {"id": task_id, "title": title(number), **self.more(number)}
        return self._exchange("GET", f"/{task_id}", {}, expected)

    def _list(self, check: Check) -> Exchange:
        path = self.interface.tasks + self.interface.newest_20
        return Exchange(http_request("GET", path, self.token), 200, check)

    def _complete(self, number: int, task_id: Id, *, state: bool) -> Exchange:
        content = {self.interface.is_completed: state}
        path = f"/{task_id}{self.interface.completion}"
        return self._exchange("PATCH", path, content, {"id": task_id, "title": title(number), **content})

    def _create(self, number: int) -> Exchange:
        owner = {self.interface.owner: self.owner_id} if self.interface.owner_is_sent else {}
        content = {"title": title(number), "description": description(number), **self.more(number)}
        expected = {**content, self.interface.is_completed: False}
        status = self.interface.status_created
        return self._exchange("POST", "", content | owner, expected, status=status, keep=self.created.append)

    def _delete(self) -> Iterator[Exchange]:
        while self.created:
            task_id = json.loads(self.created.popleft())["id"]
            yield Exchange(http_request("DELETE", f"{self.interface.tasks}/{task_id}", self.token), 204, _check_empty)

    def _update(self, number: int, task_id: Id, *, more: str) -> Exchange:
        content = {"title": title(number), "description": description(number) + more}
        return self._exchange(self.interface.update_method, f"/{task_id}", content, {"id": task_id, **content})

    def _mix(self, exchanges: dict[str, Iterator[Exchange]]) -> Iterator[Exchange]:
        for operation in cycle(OF_MIX):
            # What was created may all be deleted, or under way.
            yield next(exchanges[CREATE if operation == DELETE and not self.created else operation])

    def _log_in(self, user: int) -> Exchange:
        def check(body: bytes) -> None:
            assert len(json.loads(body)[self.interface.token]) > 100

        body, media_type = self.interface.log_in_of(user)
        request = http_request("POST", self.interface.log_in, None, body, media_type=media_type)
        return Exchange(request, 200, check)

    def _exchange(
        self,
        method: str,
        path: str,
        content: dict[str, Any],
        expected: dict[str, Any],
        *,
        status: int = 200,
        keep: Check | None = None,
    ) -> Exchange:
        body = json.dumps(content).encode() if content else b""
        request = http_request(method, self.interface.tasks + path, self.token, body)
        return Exchange(request, status, lambda answer: self._check_task(json.loads(answer), expected), keep)

    def _check_task(self, task: dict[str, Any], expected: dict[str, Any]) -> None:
        expected = {self.interface.owner: self.owner_id, **expected}
        found = _the_same(task, expected)
        assert found == expected, f"{found} is not {expected}"

    def _check_newest(self, body: bytes) -> None:
        answer = json.loads(body)
        assert answer[self.interface.total] == TASKS_EACH
        assert [task["id"] for task in answer[self.interface.page]] == self.ids[:-21:-1]
        for age, task in enumerate(answer[self.interface.page], 1):
            number = TASKS_EACH - age
            self._check_task(task, {"title": title(number), "description": description(number), **self.more(number)})

    def _check_page(self, body: bytes) -> None:
        answer = json.loads(body)
        assert answer[self.interface.total] >= TASKS_EACH
        assert len(answer[self.interface.page]) == 20
        for task in answer[self.interface.page]:
            self._check_task(task, {})


def _the_same(found: Any, expected: Any) -> Any:
    """What has the members that are expected; an answer may have more of them, also in what is inside it."""
    if isinstance(found, dict) and isinstance(expected, dict):
        return {name: _the_same(found[name], each) for name, each in expected.items()}
    return found


def _check_empty(body: bytes) -> None:
    assert body == b""
