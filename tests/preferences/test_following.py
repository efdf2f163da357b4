"""Another `timezone` or `day_reminder_at`: reminders of floating dates come by that, and nothing else moves."""

import asyncio
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from doable.database import open_database
from doable.owned.writes import Writes
from doable.preferences.repository import PreferencesRepository
from doable.tasks.reminders import Whereabouts, comes_at
from support.changes import changes, listed, read_all
from support.reminders import alarms_of, awaited, fill_with_reminders, of
from support.schema import execute, settings_of
from support.server import Server
from support.undo import UNDO, undo
from support.users import User, assert_error

Thing = dict[str, Any]
PATH: Final = "/api/me/preferences"
DAY: Final = "2126-12-01"
NINE: Final = {"date": DAY, "time": "09:00"}
BERLIN, NEW_YORK, TOKYO = "Europe/Berlin", "America/New_York", "Asia/Tokyo"
AT_ONCE: Final = [{"offset": "PT0M"}]


def prefer(user: User, **changes: Any) -> Thing:
    answer = user.patch(PATH, json=changes)
    assert answer.status_code == 200, answer.text
    preferences: Thing = answer.json()
    return preferences


def at(text: str) -> str:
    return f"2126-{text}:00.000000Z"


def test_what_floats_follows_and_all_else_stays(server: Server, alice: User, bob: User) -> None:
    for user in (alice, bob):
        prefer(user, timezone=BERLIN)
    others = bob.new_task(due=NINE, reminders=AT_ONCE)
    timed = alice.new_task(due=NINE, start={"date": DAY}, reminders=[*AT_ONCE, {"offset": "-PT30M"}])
    started = alice.new_task(
        start={"date": DAY, "time": "07:00"}, reminders=[{"offset": "P0D", "relative_to": "start"}]
    )
    whole = alice.new_task(due={"date": DAY}, reminders=[{"offset": "-P1D"}])
    recurs = alice.new_task(due=NINE, recurrence={"rule": "FREQ=DAILY"}, reminders=AT_ONCE)
    mixed = alice.new_task(due=NINE, reminders=[*AT_ONCE, *AT_ONCE, {"at": at("12-01T08:30")}])
    snooze = f"{alice.tasks}/{mixed['id']}/reminders/{mixed['reminders'][1]['id']}/snooze"
    alice.post(snooze, json={"until": at("12-02T10:00")})
    stay = [
        alice.new_task(due={**NINE, "timezone": BERLIN}, reminders=AT_ONCE),
        alice.new_task(reminders=[{"at": at("12-01T08:00")}]),
        alice.new_task(due=NINE),
        alice.new_task(reminders=AT_ONCE),
        alice.patch(f"{alice.tasks}/{alice.new_task(due=NINE, reminders=AT_ONCE)['id']}/complete").json(),
    ]
    follow = [timed, started, whole, recurs, mixed]

    def moved(since: int, *expected: Thing) -> list[list[str | None]]:
        """When the reminders of all come now; these tasks were written since, each once and at a revision of its own."""
        there = listed(alice)
        assert alarms_of(server, alice) == awaited(alice)
        assert [there[task["id"]] for task in stay] == stay
        written = changes(alice, since=since)["changes"]
        assert {change["id"] for change in written} == {task["id"] for task in expected}
        assert [change["task"] for change in written] == [there[change["id"]] for change in written]
        now = preferences["revision"]
        assert sorted(change["revision"] for change in written) == list(range(now + 1, now + 1 + len(expected)))
        return [of(there[task["id"]]) for task in follow]

    put_off, at_half = at("12-02T10:00"), at("12-01T08:30")
    in_berlin = [[at("12-01T08:00"), at("12-01T07:30")], [at("12-01T06:00")], [at("11-30T08:00")], [at("12-01T08:00")]]
    since = changes(alice)["revision"]
    updated = {task["id"]: listed(alice)[task["id"]]["updated_at"] for task in follow}
    preferences = prefer(alice, timezone=NEW_YORK)
    assert moved(since, *follow) == [
        [at("12-01T14:00"), at("12-01T13:30")],
        [at("12-01T12:00")],
        [at("11-30T14:00")],
        [at("12-01T14:00")],
        [at("12-01T14:00"), put_off, at_half],
    ]
    assert all(listed(alice)[id_]["updated_at"] > before for id_, before in updated.items())
    since = changes(alice)["revision"]
    preferences = prefer(alice, timezone=BERLIN, day_reminder_at="09:00")
    assert moved(since, *follow) == [*in_berlin, [at("12-01T08:00"), put_off, at_half]]
    since = changes(alice)["revision"]
    preferences = prefer(alice, day_reminder_at="18:30", theme="dark")
    assert moved(since, whole)[2] == [at("11-30T17:30")]
    since = changes(alice)["revision"]
    for same in ({"timezone": BERLIN}, {"day_reminder_at": "18:30:00"}, {"theme": "light"}):
        preferences = prefer(alice, **same)
    moved(since)
    # Its dates as they are by then, from a zone of their own to none at the same instant.
    task = alice.patch(f"{alice.tasks}/{stay[0]['id']}", json={"due": {"timezone": None}}).json()
    assert task["reminders"] == stay[0]["reminders"]
    stay[0] = alice.patch(f"{alice.tasks}/{timed['id']}", json={"due": {"timezone": BERLIN}}).json()
    follow[0], since = task, changes(alice)["revision"]
    preferences = prefer(alice, timezone=NEW_YORK)
    assert moved(since, *follow)[0] == [at("12-01T14:00")]
    # What has a zone is not written, and nobody else's is either.
    assert bob.get(f"{bob.tasks}/{others['id']}").json() == others
    assert alarms_of(server, bob) == awaited(bob) == {(others["id"], others["reminders"][0]["id"], at("12-01T08:00"))}


def test_what_is_past_comes_at_once_and_once(alice: User) -> None:
    here = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(hours=3)
    due = {"date": f"{here:%Y-%m-%d}", "time": f"{here:%H:%M:%S}"}
    task = alice.new_task(due=due, reminders=AT_ONCE)
    prefer(alice, timezone="Pacific/Kiritimati")
    then = f"{here - timedelta(hours=14):%Y-%m-%dT%H:%M:%S}.000000Z"
    deadline = time.monotonic() + 30
    while not (told := alice.get("/api/me/notifications").json()["notifications"]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert [(each["task_id"], each["remind_at"]) for each in told] == [(task["id"], then)]
    # Where it is still to come by the clock, it has come all the same.
    since = changes(alice)["revision"]
    prefer(alice, timezone="Etc/GMT+12")
    assert changes(alice, since=since)["changes"] == []
    assert of(alice.get(f"{alice.tasks}/{task['id']}").json()) == [None]


def test_a_successor_that_follows_is_not_taken_away(alice: User) -> None:
    task = alice.new_task(due=NINE, recurrence={"rule": "FREQ=DAILY"}, reminders=AT_ONCE)
    done = alice.patch(f"{alice.tasks}/{task['id']}/complete").json()
    prefer(alice, timezone=BERLIN)
    opened = alice.patch(f"{alice.tasks}/{task['id']}/complete").json()
    assert (opened["recurrence"], opened["next_id"]) == (None, None)
    assert of(opened) == [at("12-01T08:00")]
    successor = alice.get(f"{alice.tasks}/{done['next_id']}").json()
    assert successor["recurrence"] is not None
    assert of(successor) == [at("12-02T08:00")]


def broken_off(server: Server, user: User, zone: str, token: str | None = None) -> None:
    """A change of the time zone whose process was killed after its first part."""

    async def begin() -> None:
        async with open_database(settings_of(server)) as database:
            name = "PATCH me/preferences"
            write = Writes(database, user.id, max_kept_bytes=2**26, undo_token=token, name=name, has_parts=True)
            assert await write.part(PreferencesRepository(database, user.id).change_part({"timezone": zone}))

    asyncio.run(begin())


def come_at(server: Server, user: User, instant: str, number: int) -> None:
    """So many alarms are set, all to this instant."""
    assert [at for _, _, at in alarms_of(server, user)] == [instant] * number


def test_many_are_written_in_parts_that_may_break_off(server: Server, alice: User) -> None:
    fill_with_reminders(server, alice, 510)
    since = 510
    broken_off(server, alice, NEW_YORK)
    assert alice.get(PATH).json()["timezone"] == "UTC"
    assert sum(instant == at("12-01T14:00") for _, _, instant in alarms_of(server, alice)) == 500
    # The same request goes on with what is left: every task is written once.
    key = {"Idempotency-Key": str(uuid.uuid4()), "If-Match": '"0.1"'}
    first = alice.patch(PATH, json={"timezone": NEW_YORK}, headers=key)
    assert first.json()["timezone"] == NEW_YORK
    come_at(server, alice, at("12-01T14:00"), 510)
    written = [first.json()["revision"], *(change["revision"] for change in read_all(alice, since=since))]
    assert sorted(written) == list(range(since + 1, since + 512))
    again = alice.patch(PATH, json={"timezone": NEW_YORK}, headers=key)
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    # What another zone finds half done follows to that one. No part runs if the preferences are not as expected.
    broken_off(server, alice, BERLIN)
    since = max(written) + 500
    assert alice.patch(PATH, json={"timezone": TOKYO}, headers={"If-Match": '"0.1"'}).status_code == 412
    assert changes(alice, since=since, kinds="all")["changes"] == []
    prefer(alice, timezone=TOKYO)
    come_at(server, alice, at("12-01T00:00"), 510)
    assert alarms_of(server, alice) == awaited(alice)


def test_it_can_be_undone(server: Server, alice: User) -> None:
    fill_with_reminders(server, alice, 501)
    token = alice.patch(PATH, json={"timezone": NEW_YORK}, headers=UNDO).headers["undo-token"]
    come_at(server, alice, at("12-01T14:00"), 501)
    # Those that were made since follow as well, and so do those that were changed.
    alice.new_task(due=NINE, reminders=AT_ONCE)
    other = alice.get(alice.tasks).json()["tasks"][1]["id"]
    alice.patch(f"{alice.tasks}/{other}", json={"title": "another"})
    assert undo(alice, token) == {"undone": 501, "conflicts": [{"kind": "task", "id": other}]}
    assert alice.get(PATH).json()["timezone"] == "UTC"
    come_at(server, alice, at("12-01T09:00"), 502)
    assert alarms_of(server, alice) == awaited(alice)


def test_what_comes_back_follows(server: Server, alice: User) -> None:
    prefer(alice, timezone=BERLIN)
    task = alice.new_task(due=NINE, reminders=[*AT_ONCE, *AT_ONCE])
    path = f"{alice.tasks}/{task['id']}"
    alice.post(f"{path}/reminders/{task['reminders'][1]['id']}/snooze", json={"until": at("12-02T10:00")})
    both = [at("12-01T08:00"), at("12-02T10:00")]

    def token_of(method: str, path: str, body: Thing | None = None) -> str:
        token: str = alice.request(method, path, json=body, headers=UNDO).headers["undo-token"]
        return token

    for method, url, body in (("DELETE", path, None), ("PATCH", PATH, {"timezone": TOKYO})):
        undo(alice, token_of(method, url, body))
        assert of(alice.get(path).json()) == both
    # An undo takes along what was made since, and so does its own.
    token = token_of("PATCH", PATH, {"timezone": TOKYO})
    new = alice.new_task(due=NINE, reminders=AT_ONCE)
    undo(alice, token_of("POST", f"/api/me/undo/{token}"))
    assert of(alice.get(f"{alice.tasks}/{new['id']}").json()) == [at("12-01T00:00")]
    assert of(alice.get(path).json()) == [at("12-01T00:00"), at("12-02T10:00")]
    prefer(alice, timezone=BERLIN)
    # Nobody knows any longer which one was put off.
    token = token_of("DELETE", path)
    prefer(alice, timezone=NEW_YORK)
    undo(alice, token)
    assert of(alice.get(path).json()) == [at("12-01T14:00")] * 2
    assert alarms_of(server, alice) == awaited(alice)


def test_an_undo_takes_many_along(server: Server, alice: User) -> None:
    """More than the write itself did."""
    prefer(alice, timezone=TOKYO)
    token = alice.patch(PATH, json={"timezone": "UTC"}, headers=UNDO).headers["undo-token"]
    fill_with_reminders(server, alice, 501)
    assert undo(alice, token) == {"undone": 1, "conflicts": []}
    come_at(server, alice, at("12-01T00:00"), 501)
    assert undo(alice, token) == {"undone": 1, "conflicts": []}


def test_several_clients_at_once(server: Server, alice: User) -> None:
    made = [alice.new_task(due=NINE, reminders=AT_ONCE) for _ in range(3)]

    def write(number: int) -> None:
        if number % 2:
            prefer(alice, timezone=(BERLIN, NEW_YORK, TOKYO)[number % 3])
        else:
            alice.patch(f"{alice.tasks}/{made[number % 3]['id']}", json={"due": {"time": f"1{number % 10}:00"}})

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, range(24)))
    assert alarms_of(server, alice) == awaited(alice)
    here = Whereabouts(alice.get(PATH).json()["timezone"], "09:00:00")
    for task in listed(alice).values():
        assert of(task) == [expected(task, task["reminders"][0], here)]


def test_a_zone_of_a_newer_server_is_utc(server: Server, alice: User) -> None:
    prefer(alice, timezone=BERLIN)
    task = alice.new_task(due={"date": DAY}, reminders=AT_ONCE)
    execute(settings_of(server), f"UPDATE preferences SET timezone = 'Mars/Base' WHERE owner_id = '{alice.id}'")  # noqa: S608 - a constant
    assert prefer(alice, day_reminder_at="10:00")["timezone"] == "Mars/Base"
    assert of(alice.get(f"{alice.tasks}/{task['id']}").json()) == [at("12-01T10:00")]
    assert_error(alice.patch(PATH, json={"timezone": "Mars/Base"}), 422, "validation_error")
    prefer(alice, timezone=BERLIN)
    assert of(alice.get(f"{alice.tasks}/{task['id']}").json()) == [at("12-01T09:00")]


def expected(task: Thing, reminder: Thing, here: Whereabouts) -> str | None:
    """When it comes by its dates and the preferences, computed from what is answered."""
    row: Thing = {}
    for name in ("due", "start"):
        sent = task[name] or {"date": None, "time": None, "timezone": None, "at": None}
        local = sent["date"] and f"{sent['date']}T{sent['time'] or '24:00:00'}"
        row |= {f"{name}_local": local, f"{name}_timezone": sent["timezone"], f"{name}_at": sent["at"]}
    found = comes_at(row, reminder, here)
    return None if found is None else f"{found:%Y-%m-%dT%H:%M:%S}.000000Z"


ZONES: Final = st.sampled_from(["UTC", BERLIN, NEW_YORK, TOKYO, "Australia/Lord_Howe"])
DATES: Final = st.none() | st.fixed_dictionaries(
    {"date": st.sampled_from([DAY, "2126-06-15"])},
    optional={"time": st.sampled_from(["02:30", "09:00"]), "timezone": st.none() | ZONES},
).map(lambda parts: parts if "time" in parts else {"date": parts["date"]})
SAID: Final = st.sampled_from(
    [{"offset": "-P1D"}, {"offset": "PT1H", "relative_to": "start"}, {"at": at("12-01T08:00")}]
)
WRITES: Final = st.lists(
    st.one_of(
        st.tuples(st.just("prefer"), st.fixed_dictionaries({"timezone": ZONES})),
        st.tuples(st.just("prefer"), st.fixed_dictionaries({"day_reminder_at": st.sampled_from(["07:00", "18:00"])})),
        st.tuples(st.just("change"), st.fixed_dictionaries({}, optional={"due": DATES, "start": DATES})),
        st.tuples(st.just("change"), st.fixed_dictionaries({"reminders": st.lists(SAID, max_size=3)})),
        st.tuples(st.just("complete"), st.just({})),
        st.tuples(st.just("snooze"), st.just({"until": at("12-24T18:00")})),
        st.tuples(st.just("undo"), st.just({})),
    ),
    min_size=6,
    max_size=12,
)


@settings(max_examples=4, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(due=DATES, start=DATES, said=st.lists(SAID, min_size=1, max_size=3), writes=WRITES)
def test_in_any_order(server: Server, alice: User, due: Thing, start: Thing, said: list[Thing], writes: Any) -> None:
    """The alarms are when the reminders come, and those that nobody put off come by the dates and the preferences."""
    task = alice.new_task(due=due, start=start, reminders=said)
    path, tokens = f"{alice.tasks}/{task['id']}", list[str]()
    send: dict[str, Callable[[Thing], Any]] = {
        "prefer": lambda body: alice.patch(PATH, json=body, headers=UNDO),
        "change": lambda body: alice.patch(path, json=body, headers=UNDO),
        "complete": lambda _: alice.patch(f"{path}/complete", headers=UNDO),
        "snooze": lambda body: alice.post(f"{path}/reminders/{task['reminders'][0]['id']}/snooze", json=body),
        "undo": lambda _: alice.post(f"/api/me/undo/{tokens.pop()}") if tokens else None,
    }
    for what, body in writes:
        if what != "snooze" or task["reminders"]:
            answer = send[what](body)
            assert answer is None or answer.is_success, answer.text
            tokens += [answer.headers["undo-token"]] if answer is not None and "undo-token" in answer.headers else []
        task = alice.get(path).json()
        there = alice.get(PATH).json()
        here = Whereabouts(there["timezone"], there["day_reminder_at"])
        for each in task["reminders"]:
            come = None if task["is_completed"] else expected(task, each, here)
            snoozed = not task["is_completed"] and each["remind_at"] == at("12-24T18:00")
            assert snoozed or each["remind_at"] == come
        own = {(id_, *rest) for id_, *rest in alarms_of(server, alice) if id_ == task["id"]}
        assert own == {(task["id"], each["id"], each["remind_at"]) for each in task["reminders"] if each["remind_at"]}
