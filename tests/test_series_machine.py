"""A Hypothesis state machine of tasks that recur: complete, reopen, skip, edit, delete, undo and retry, in any order.

Whatever is done, a series has at most one open task with a rule, and nothing that somebody has touched is taken away.
"""

import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar, Final

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from support.calendar_storage import bytes_kept, names_of
from support.changes import pages
from support.dav import Phone
from support.ical import make, todo
from support.kinds import stored_bytes
from support.machines import run
from support.server import Server
from support.users import User

EXAMPLES: Final = 4
STEPS: Final = 25

Thing = dict[str, Any]

SOME: Final = st.integers(0, 2**16)
"""Which of some things, counted round."""
RULES: Final = st.sampled_from(
    [
        {"rule": "FREQ=DAILY", "from": "due"},
        {"rule": "FREQ=WEEKLY;BYDAY=MO,TH;COUNT=3", "from": "due"},
        {"rule": "FREQ=MONTHLY;COUNT=2", "from": "completion"},
        {"rule": "FREQ=YEARLY;UNTIL=20301231", "from": "due"},
    ]
)
DUE: Final = st.sampled_from(
    [{"date": "2026-01-31"}, {"date": "2029-02-28", "time": "09:00", "timezone": "Europe/Berlin"}]
)
OF_AN_APP: Final = [
    ("DUE:20290101T090000Z", "RRULE:FREQ=HOURLY;INTERVAL=30;COUNT=4"),
    ("DTSTART;VALUE=DATE:20290101", "DUE;VALUE=DATE:20290103", "RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20290102"),
    ("DUE:20290101T090000Z", "RRULE:FREQ=HOURLY;INTERVAL=24;BYHOUR=3"),
]
"""Rules and exceptions that only calendar programs make; the next date of the last is not found."""
FINE: Final = {200, 201, 204}
CONFLICTS: Final = {"task_completed", "not_recurring", "occurrence_passed", "no_next_occurrence"}


class Machine(RuleBasedStateMachine):
    """What one user does from two clients, and the copy of the tasks that the feed has made."""

    server: ClassVar[Server]

    def __init__(self) -> None:
        super().__init__()
        self.user = User(self.server.url)
        self.phone = Phone(self.user)
        self.copy: dict[str, Thing] = {}
        self.revision = 0
        self.written: dict[str, int] = {}
        """The revisions at which the client itself has written a task: nobody takes such a task away but the client."""
        self.sent: list[tuple[str, str, Thing | None, dict[str, str]]] = []
        self.tokens: list[str] = []

    def teardown(self) -> None:
        try:
            self.compare_what_is_kept()
        finally:
            self.phone.close()
            self.user.close()

    def compare_what_is_kept(self) -> None:
        usage = self.user.get("/api/auth/me/usage").json()
        names = names_of(self.server, self.user)
        assert (usage["tasks"], usage["stored_bytes"]) == (
            len(self.copy),
            stored_bytes(list(self.copy.values())) + bytes_kept(self.server, self.user),
        )
        # In CalDAV, each is one resource, whoever has handed its name on.
        for place, own in enumerate(("{}.ics", "{}")):
            called = [row[place] or own.format(row[2]) for row in names]
            assert len({*called}) == len(called) == len(self.copy)

    @initialize(rules=st.lists(RULES, min_size=2, max_size=3), due=DUE)
    def begin(self, rules: list[Thing], due: Thing) -> None:
        for each in rules:
            made = self.send("POST", "", {"title": "a", "due": due, "recurrence": each}).json()
            self.send("POST", "", {"title": "below", "due": due, "parent_id": made["id"], "recurrence": rules[0]})

    @rule(which=SOME, due=DUE, recurs=RULES)
    def make_below(self, which: int, due: Thing, recurs: Thing) -> None:
        body = {"title": "a", "due": due, "recurrence": recurs}
        if len(self.copy) < 12 and (task := self.one(which)) is not None and task["parent_id"] is None:
            self.send("POST", "", {**body, "parent_id": task["id"]})

    @rule(recurs=st.sampled_from(OF_AN_APP))
    def put_by_an_app(self, recurs: tuple[str, ...]) -> None:
        if len(self.copy) < 12:
            make(self.phone, self.phone.inbox, todo(str(uuid.uuid4()), *recurs))
            self.catch_up()

    @rule(which=SOME, subtasks=st.sampled_from(["complete", "leave"]))
    def complete(self, which: int, subtasks: str) -> None:
        task = self.one(which, lambda each: each["recurrence"] is not None)
        if task is None or len(self.copy) > 30:
            return
        answer = self.send("PATCH", f"{task['id']}/complete", {"is_completed": True, "subtasks": subtasks})
        if answer.status_code == 409:
            assert task["recurrence"]["rule"] in OF_AN_APP[-1][-1]
            return
        done = answer.json()
        assert (done["id"], done["is_completed"], done["recurrence"]) == (task["id"], True, None)
        assert self.copy[done["id"]] == done
        if done["next_id"] is not None:
            successor = self.copy[done["next_id"]]
            assert successor["due"]["date"] > max(task["due"]["date"], task["recurrence"]["occurrence"])
            # Of those that an app has made, that of days goes by its start.
            is_by_start = task["start"] is not None and not task["recurrence"]["is_supported"]
            of = "start" if is_by_start else "due"
            assert successor["recurrence"]["occurrence"] == successor[of]["date"]
            assert (successor["series_id"], successor["position"]) == (task["series_id"], task["position"])

    @rule(which=SOME)
    def cancel(self, which: int) -> None:
        if (task := self.one(which)) is not None:
            assert self.send("PATCH", task["id"], {"is_cancelled": True}).json()["next_id"] == task["next_id"]

    @rule(which=SOME)
    def reopen(self, which: int) -> None:
        task = self.one(which, lambda each: each["is_completed"])
        if task is not None:
            opened = self.send("PATCH", f"{task['id']}/complete", {"is_completed": False}).json()
            assert (opened["is_completed"], opened["next_id"]) == (False, None)

    @rule(which=SOME, with_occurrence=st.booleans())
    def skip(self, which: int, *, with_occurrence: bool) -> None:
        task = self.one(which, lambda each: each["recurrence"] is not None)
        if task is not None:
            body = {"occurrence": task["recurrence"]["occurrence"]} if with_occurrence else None
            answer = self.send("POST", f"{task['id']}/skip", body)
            if answer.status_code == 200:
                assert answer.json()["due"]["date"] > task["due"]["date"]

    @rule(which=SOME, recurs=st.none() | RULES, due=DUE)
    def give_a_rule(self, which: int, recurs: Thing | None, due: Thing) -> None:
        if (task := self.one(which)) is not None:
            self.send("PATCH", task["id"], {"recurrence": recurs, "due": due})

    @rule(which=SOME)
    def touch(self, which: int) -> None:
        if (task := self.one(which)) is not None:
            self.send("PATCH", task["id"], {"title": "b"})

    @rule(which=SOME)
    def delete(self, which: int) -> None:
        if len(self.copy) > 6 and (task := self.one(which)) is not None:
            self.send("DELETE", task["id"])

    @rule(which=SOME)
    def retry(self, which: int) -> None:
        """The same request with the same key: the answer of before, and nothing is done."""
        method, path, body, headers = self.sent[which % len(self.sent)]
        before = self.revision
        answer = self.user.request(method, f"{self.user.tasks}/{path}".rstrip("/"), json=body, headers=headers)
        assert answer.headers.get("idempotency-replayed") == "true"
        self.catch_up()
        assert self.revision == before

    @rule(which=SOME)
    def undo(self, which: int) -> None:
        if self.tokens:
            token = self.tokens.pop(which % len(self.tokens))
            assert self.user.post(f"/api/{self.user.id}/undo/{token}").status_code == 200
            self.catch_up()

    @invariant()
    def one_of_a_series_goes_on(self) -> None:
        going_on = Counter(each["series_id"] for each in self.copy.values() if each["recurrence"] is not None)
        assert not {series: number for series, number in going_on.items() if number > 1}
        assert None not in going_on
        for each in self.copy.values():
            assert each["recurrence"] is None or (not each["is_completed"] and each["due"] is not None)
        places = Counter(each["position"] for each in self.copy.values() if not each["is_completed"])
        assert not {place: number for place, number in places.items() if number > 1}

    def send(self, method: str, path: str, body: Thing | None = None) -> httpx.Response:
        before, headers = dict(self.copy), {"Idempotency-Key": str(uuid.uuid4()), "Undo": "1"}
        answer = self.user.request(method, f"{self.user.tasks}/{path}".rstrip("/"), json=body, headers=headers)
        self.catch_up()
        if answer.status_code not in FINE:
            assert answer.status_code == 409
            assert answer.json()["code"] in CONFLICTS
            assert self.copy == before
            return answer
        self.sent.append((method, path, body, headers))
        self.tokens.append(answer.headers["undo-token"])
        if method != "DELETE":
            assert self.copy[answer.json()["id"]] == answer.json()
            self.written[answer.json()["id"]] = answer.json()["revision"]
            gone = before.keys() - self.copy.keys()
            assert not any(before[id_]["revision"] == self.written.get(id_) for id_ in gone), "it was touched"
        return answer

    def catch_up(self) -> None:
        for some, revision in pages(self.user, since=self.revision):
            for each in some:
                if each["deleted"]:
                    self.copy.pop(each["id"], None)
                else:
                    self.copy[each["id"]] = each["task"]
            self.revision = revision

    def one(self, which: int, of: Callable[[Thing], bool] = lambda _: True) -> Thing | None:
        some = sorted((each for each in self.copy.values() if of(each)), key=lambda each: str(each["created_at"]))
        return some[which % len(some)] if some else None


def test_one_of_a_series_goes_on_whatever_is_done(server: Server) -> None:
    at = server

    class AtServer(Machine):
        server = at

    run(AtServer, examples=EXAMPLES, steps=STEPS)
