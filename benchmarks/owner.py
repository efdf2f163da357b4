"""What one user asks of Doable, and what must come back."""

import json
import random
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, cycle
from typing import Final

import httpx

from benchmarks.caldav.client import CTAG, MULTISTATUS, Answer, Found, sync
from benchmarks.client import Exchange
from benchmarks.filling import LIST_ID, TAG, has_parent, is_in_list, is_open
from benchmarks.messages import http_request
from benchmarks.workload import description, title

PATH: Final = "/api/me/tasks"
LIMIT: Final = 20
TOGETHER: Final = 10
"""So many operations are in a batch."""
AT_A_TIME: Final = 100
"""So many tasks are completed before they are opened again: more than there are connections, and fewer than a small account has open."""
MIX: Final = ("get", "page") * 3 + ("complete", "get", "page", "update", "create") + ("get", "page") * 3 + (
    "complete",
    "update",
    "delete",
)  # fmt: skip
"""70 % reads, 20 % changes, 10 % of what makes the account larger and smaller."""

XML: Final = {"Content-Type": "application/xml; charset=utf-8"}
_UNDO_TOKEN: Final = re.compile(rb"\r\nundo-token: *([^\r]+)", re.IGNORECASE)


@dataclass
class Owner:
    """A user, whose tasks were filled in."""

    port: int
    """Of the server."""
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

    def behind(self) -> Iterator[Exchange]:
        """The page behind a cursor in the middle."""
        half = len(self.ids) // 2
        with self._client() as client:
            before = client.get(f"{PATH}?limit={LIMIT}&offset={half}").raise_for_status().json()
        end = len(self.ids) - half - LIMIT
        expected = self.ids[end - LIMIT : end][::-1]

        def check(body: bytes) -> None:
            assert [task["id"] for task in json.loads(body)["tasks"]] == expected

        return cycle([self._read(f"{PATH}?limit={LIMIT}&cursor={before['next_cursor']}", check)])

    def below(self) -> Iterator[Exchange]:
        """The subtasks of each task that has one."""
        pairs = [(self.ids[number - 1], id_) for number, id_ in enumerate(self.ids) if has_parent(number)]

        def has(id_: str) -> Callable[[bytes], None]:
            def check(body: bytes) -> None:
                assert [task["id"] for task in json.loads(body)["tasks"]] == [id_]

            return check

        in_no_order = random.sample(pairs, len(pairs))
        return cycle(self._read(f"{PATH}?parent={above}&sort=position", has(below)) for above, below in in_no_order)

    def filtered(self) -> Iterator[Exchange]:
        """What somebody looks at first in the morning."""
        return self._view("filter=today%20%7C%20overdue&completed=false&sort=due")

    def latest(self) -> Iterator[Exchange]:
        """What was changed last."""
        return self._view("sort=-updated_at")

    def search(self) -> Iterator[Exchange]:
        """Words that many tasks have. Those of the account are made by its first search, which is this one."""
        query = "q=oat%20milk"
        with self._client() as client:
            client.get(f"{PATH}?{query}").raise_for_status()
        return self._view(query)

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

    def update_any(self) -> Iterator[Exchange]:
        """Another title for each of the tasks, in no order."""
        return self._update(self._in_no_order())

    def complete_any(self) -> Iterator[Exchange]:
        """Some of the open tasks are completed, then opened again, then others."""
        numbered = [(number, id_) for number, id_ in self._in_no_order() if is_open(number)]
        for start in cycle(range(0, len(numbered), AT_A_TIME)):
            for state in (True, False):
                for _, task_id in numbered[start : start + AT_A_TIME]:
                    yield self._task("PATCH", f"{PATH}/{task_id}/complete", {"is_completed": state})

    def move(self) -> Iterator[Exchange]:
        """One open task of the inbox behind another one."""
        ids = [id_ for number, id_ in enumerate(self.ids) if is_open(number) and not is_in_list(number)]
        while True:
            id_, other = random.sample(ids, 2)
            body = json.dumps({"after": other}).encode()
            yield Exchange(http_request("POST", f"{PATH}/{id_}/move", self.token, body), 200, _check_moved(id_))

    def batch(self) -> Iterator[Exchange]:
        """Other descriptions for some tasks at once."""
        in_no_order = [id_ for _, id_ in self._in_no_order()]
        for number in count():
            for start in range(0, len(in_no_order) - TOGETHER, TOGETHER):
                ids, text = in_no_order[start : start + TOGETHER], f"Two litres, {number}"
                operations = [{"op": "update", "id": id_, "task": {"description": text}} for id_ in ids]
                body = json.dumps({"operations": operations}).encode()
                yield Exchange(http_request("POST", f"{PATH}/batch", self.token, body), 200, _check_batch(ids))

    def undo(self) -> Iterator[Exchange]:
        """Tasks are deleted, and that is undone: others than those that take others along."""
        tokens: deque[str] = deque()

        def keep(head: bytes) -> None:
            found = _UNDO_TOKEN.search(head)
            assert found is not None, "no Undo-Token"
            tokens.append(found[1].decode())

        ids = cycle(_alone(self._in_no_order()))
        while True:
            if tokens:
                self.deleted -= 1
                path = f"/api/me/undo/{tokens.popleft()}"
                yield Exchange(http_request("POST", path, self.token), 200, _check_undone)
            else:
                self.deleted += 1
                request = http_request("DELETE", f"{PATH}/{next(ids)}", self.token, headers={"Undo": "1"})
                yield Exchange(request, 204, _check_empty, keep_head=keep)

    def ctag(self) -> Iterator[Exchange]:
        """What a calendar app asks again and again: whether anything in the inbox has changed."""
        with self._client() as client:
            path = _inbox(client)

        def check(body: bytes) -> None:
            assert Found.read(Answer(body, None)).ctag

        return cycle([self._dav("PROPFIND", path, CTAG, "0", check)])

    def sync(self) -> Iterator[Exchange]:
        """What has changed in the inbox, for a calendar app that has not heard of some changes yet."""
        in_inbox = [id_ for number, id_ in enumerate(self.ids) if not is_in_list(number)][:TOGETHER]
        with self._client() as client:
            path = _inbox(client)
            asked = client.request("PROPFIND", path, content=CTAG.encode(), headers={"Depth": "0", **XML})
            token = Found.read(Answer(asked.raise_for_status().content, None)).token
            for id_ in in_inbox:
                client.patch(f"{PATH}/{id_}", json={"title": "Buy oat milk"}).raise_for_status()
        names = {f"{id_}.ics" for id_ in in_inbox}

        def check(body: bytes) -> None:
            assert Found.read(Answer(body, None)).objects.keys() == names

        return cycle([self._dav("REPORT", path, sync(token), "1", check)])

    def delete(self) -> Iterator[Exchange]:
        """Each of the tasks that stand alone, once."""
        return self._delete(_alone(list(enumerate(self.ids))))

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
            "delete": self._delete(_alone(list(enumerate(self.ids[:half])))),
        }
        for kind in cycle(MIX):
            yield next(kinds[kind])

    def check_total(self) -> None:
        """See that every task is there that should be, and no other."""
        with self._client() as client:
            total = client.get(PATH).raise_for_status().json()["total"]
        expected = len(self.ids) + self.created - self.deleted
        assert total == expected, f"There are {total} tasks, and should be {expected}"

    def _read(self, path: str, check: Callable[[bytes], object]) -> Exchange:
        return Exchange(http_request("GET", path, self.token), 200, check)

    def _in_no_order(self) -> list[tuple[int, str]]:
        return random.sample([*enumerate(self.ids)], len(self.ids))

    def _client(self) -> httpx.Client:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", headers=headers, timeout=300)

    def _dav(self, method: str, path: str, body: str, depth: str, check: Callable[[bytes], object]) -> Exchange:
        media_type = XML["Content-Type"]
        request = http_request(method, path, self.token, body.encode(), media_type=media_type, headers={"Depth": depth})
        return Exchange(request, MULTISTATUS, check)

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


def _inbox(client: httpx.Client) -> str:
    """Its address for calendar apps."""
    user_id = client.get("/api/auth/me").raise_for_status().json()["id"]
    return f"/dav/calendars/{user_id}/inbox/"


def _check_full_page(body: bytes) -> None:
    assert len(json.loads(body)["tasks"]) == LIMIT


def _check_empty(body: bytes) -> None:
    assert not body


def _check_moved(id_: str) -> Callable[[bytes], None]:
    def check(body: bytes) -> None:
        task = json.loads(body)
        assert (task["id"], task["list_id"]) == (id_, None)

    return check


def _check_batch(ids: Sequence[str]) -> Callable[[bytes], None]:
    def check(body: bytes) -> None:
        assert [(each["id"], each["status"]) for each in json.loads(body)["results"]] == [(id_, 200) for id_ in ids]

    return check


def _check_undone(body: bytes) -> None:
    assert json.loads(body) == {"undone": 1, "conflicts": []}


def _alone(numbered: Sequence[tuple[int, str]]) -> list[str]:
    """Those that are no subtasks and have none, so that each that is deleted goes by itself."""
    return [id_ for number, id_ in numbered if not (has_parent(number) or has_parent(number + 1))]
