"""A write in parts that broke off after one of them, as where its server is killed, and is sent again."""

import asyncio
import uuid
from collections.abc import Callable

from doable.database import Database, open_database
from doable.database.protocol import Work
from doable.owned.limits import Limits
from doable.owned.writes import Writes
from doable.sections.repository import SectionRepository
from doable.tasks.tables import tasks
from doable.undo.repository import UndoRepository
from support.filing import fill, new_list, new_section
from support.kinds import Thing, everything
from support.schema import execute, settings_of
from support.server import Server
from support.undo import but_stamps, undo, write
from support.users import User


def state(user: User) -> list[Thing]:
    """Everything that there is, without what every write moves."""
    there = [change[change["kind"]] for change in everything(user) if not change["deleted"]]
    return sorted(but_stamps(there), key=lambda thing: str(thing.get("id")))


def broken_off(server: Server, user: User, name: str, part: Callable[[Database], Work[bool]]) -> str:
    """The undo token of a write of which this part was done, and no more."""
    token = str(uuid.uuid4())

    async def begin() -> None:
        async with open_database(settings_of(server)) as database:
            write = Writes(database, user.id, max_kept_bytes=2**26, undo_token=token, name=name, has_parts=True)
            await write.part(part(database))

    asyncio.run(begin())
    return token


def moving(user: User, section: Thing, list_id: str) -> Callable[[Database], Work[bool]]:
    """A part of the section's move to another list."""
    return lambda database: SectionRepository(database, user.id, Limits()).move_tasks(
        section["id"], {"list_id": list_id}
    )


def undoing(user: User, token: str) -> Callable[[Database], Work[bool]]:
    """A part of an undo."""
    return lambda database: UndoRepository(database, user.id, Limits()).all_but_one(token)


def test_it_goes_on_under_the_same_token(server: Server, alice: User) -> None:
    here, there = new_list(alice), new_list(alice)
    section = new_section(alice, here)
    fill(server, alice, tasks, 600, title="{}", list_id=here["id"], section_id=section["id"])
    before, path, to = state(alice), f"sections/{section['id']}/move", {"list_id": there["id"]}
    begun = broken_off(server, alice, f"POST {path}", moving(alice, section, there["id"]))
    assert [each["token"] for each in alice.get("/api/me/undo").json()["undos"]] == [begun]
    _, token = write(alice, "POST", path, json=to)
    after = state(alice)
    assert token == begun
    # So is its undo, which can be undone as well.
    path = f"undo/{token}"
    begun = broken_off(server, alice, f"POST {path}", undoing(alice, token))
    undone, again = write(alice, "POST", path)
    assert undone.json() == {"undone": 601, "conflicts": []}
    assert state(alice) == before
    assert again == begun
    assert undo(alice, again) == {"undone": 601, "conflicts": []}
    assert state(alice) == after


def test_what_has_ended_does_not_go_on(server: Server, alice: User) -> None:
    """Whether it could be undone or not; nor does what was undone before it ended."""
    here, there = new_list(alice), new_list(alice)
    section = new_section(alice, here)
    fill(server, alice, tasks, 600, title="{}", list_id=here["id"], section_id=section["id"])
    before, path = state(alice), f"sections/{section['id']}/move"
    part = moving(alice, section, there["id"])
    to, back = ({"list_id": each["id"]} for each in (there, here))
    undone = broken_off(server, alice, f"POST {path}", part)
    assert undo(alice, undone) == {"undone": 500, "conflicts": []}
    assert state(alice) == before
    begun = broken_off(server, alice, f"POST {path}", part)
    assert alice.post(f"/api/me/{path}", json=to).status_code == 200
    tokens = [write(alice, "POST", path, json=each)[1] for each in (back, to)]
    assert len({undone, begun, *tokens}) == 4


def test_what_went_on_later_is_undone_one_after_the_other(server: Server, alice: User) -> None:
    """The last one first, as everything. What an undo itself has done is no change of somebody else's."""
    here, there = new_list(alice), new_list(alice)
    section = new_section(alice, here)
    fill(server, alice, tasks, 600, title="{}", list_id=here["id"], section_id=section["id"])
    before, path = state(alice), f"sections/{section['id']}/move"
    begun = broken_off(server, alice, f"POST {path}", moving(alice, section, there["id"]))
    execute(settings_of(server), f"UPDATE undos SET created_at = '2026-11-01T00:00:00.000000Z' WHERE id = '{begun}'")  # noqa: S608 - no input
    _, token = write(alice, "POST", path, json={"list_id": there["id"]})
    assert token != begun
    # The section is back, and those that had left before it are in no section until they are.
    assert len(undo(alice, token)["conflicts"]) == 500
    assert undo(alice, begun) == {"undone": 500, "conflicts": []}
    assert state(alice) == before
