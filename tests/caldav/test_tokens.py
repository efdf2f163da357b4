"""A token is a list's own: it moves with what is in the list or was, never with anything else, and never back."""

import asyncio
from datetime import timedelta

import pytest

from doable.caldav.repository import Listed
from doable.database import open_database
from doable.owned.purge import purge_tombstones
from support.calendar_storage import Calendars
from support.filing import new_list
from support.schema import settings_of
from support.server import Server
from support.users import User


@pytest.fixture
def calendars(server: Server, alice: User) -> Calendars:
    return Calendars(server, alice)


def test_it_moves_with_what_is_in_the_list_and_with_no_other(calendars: Calendars, alice: User) -> None:
    a_list = new_list(alice)["id"]
    empty, inbox = calendars.at(a_list).token, calendars.at().token
    assert empty == inbox == 0
    task = alice.new_task(list_id=a_list)
    assert (calendars.at(a_list).token, calendars.at().token) == (task["revision"], 0)
    alice.patch(f"/api/me/lists/{a_list}", json={"name": "Renamed"})
    alice.post("/api/me/tags", json={"name": "shop"})
    assert (calendars.at(a_list).token, calendars.at().token) == (task["revision"], 0)
    put = calendars.put_event(alice.id, "e.ics", "e")
    assert (calendars.at(a_list).token, calendars.at().token) == (task["revision"], put.revision)
    alice.delete(f"{alice.tasks}/{task['id']}")
    assert calendars.at(a_list).token > task["revision"]
    assert [each.token for each in calendars.read(lambda each, tx: each.collections(tx))] == [
        calendars.at().token,
        calendars.at(a_list).token,
    ]


def test_pages_follow_one_another(calendars: Calendars, alice: User) -> None:
    tasks = [alice.new_task(str(number)) for number in range(5)]
    alice.delete(f"{alice.tasks}/{tasks[1]['id']}")
    calendars.put_event(alice.id, "e.ics", "e")
    every, gone = calendars.names(alice.id), f"{tasks[1]['id']}.ics"
    for since, wanted in ((0, every), (tasks[0]["revision"], every - {f"{tasks[0]['id']}.ics"})):
        told, token, has_more = [], since, True
        while has_more:
            page = calendars.read(lambda each, tx, token=token: each.changed(tx, alice.id, token, limit=2))  # type: ignore[misc] # a default
            told += page.entries
            assert len(page.entries) <= 2
            token, has_more = page.token, page.has_more
        assert token == calendars.at().token
        assert [each.name for each in told if not isinstance(each, Listed)] == [gone]
        assert sorted(each.name for each in told) == sorted({*wanted, gone})


def test_when_removals_are_forgotten_no_token_goes_back(server: Server, calendars: Calendars, alice: User) -> None:
    a_list, other = new_list(alice)["id"], new_list(alice)["id"]
    kept = alice.new_task(list_id=a_list)
    gone, moved = alice.new_task(list_id=a_list), alice.new_task(list_id=other)
    alice.delete(f"{alice.tasks}/{gone['id']}")
    alice.post(f"{alice.tasks}/{moved['id']}/move", json={"list_id": None}).raise_for_status()
    tokens = [calendars.at(each).token for each in (a_list, other)]

    async def purge() -> None:
        async with open_database(settings_of(server)) as database:
            await purge_tombstones(database, timedelta(0))

    asyncio.run(purge())
    asyncio.run(purge())
    assert [calendars.at(each).token for each in (a_list, other)] == tokens
    purged, revision = calendars.read(lambda each, tx: each.purged_revision(tx))
    assert (purged, revision) == (max(tokens), max(tokens))
    assert calendars.since(a_list, kept["revision"] - 1) == ({f"{kept['id']}.ics"}, set())
    again = alice.new_task(list_id=a_list)
    alice.delete(f"{alice.tasks}/{again['id']}")
    assert calendars.since(a_list, tokens[0]) == (set(), {f"{again['id']}.ics"})
