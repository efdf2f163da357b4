"""Reads a file for an owner, and says what would be made of it. For the route and the command alike."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO, Final

from doable import clock
from doable.database import Database, Row
from doable.owned.limits import Limits
from doable.places import aside
from doable.tasks.preferred import preferred
from doable.transfer.fitting import Fitting, repositories
from doable.transfer.found import Format, Reading
from doable.transfer.looking import exceeds, look
from doable.transfer.plan import Plan
from doable.transfer.recognising import format_of
from doable.transfer.schemas import TOLD

# One, since the interpreter runs one at a time: another import waits for it, and nothing else does.
_THREAD: Final = ThreadPoolExecutor(1, "import")


class Reader:
    """Reads files for one owner."""

    def __init__(self, database: Database, owner_id: str, limits: Limits, longest_description: int) -> None:
        self._database = database
        self._owner_id = owner_id
        self._limits = limits
        self._longest_description = longest_description

    async def read(self, file: BinaryIO, filename: str, format_: Format | str | None) -> Plan:
        """The plan of this file, which the caller closes. Raises FileUnreadable."""
        prefers = await preferred(self._database, self._owner_id)
        now = clock.now()
        reading = Reading(
            now=now, timezone=clock.known_zone(prefers["timezone"]), language=prefers["language"], filename=filename
        )
        repository_of = repositories(self._database, self._owner_id, self._limits)
        sizes = {name: each.statements.size for name, each in repository_of.items()}
        fitting = Fitting(repository_of, self._longest_description, now)

        def read() -> Plan:
            chosen = format_of(file, filename, format_) if format_ is None or isinstance(format_, str) else format_
            plan = Plan(chosen, self._owner_id, fitting, sizes)
            try:
                plan.read(file, reading)
            except BaseException:
                plan.close()
                raise
            return plan

        with aside():
            plan = await asyncio.get_running_loop().run_in_executor(_THREAD, read)
        try:
            await look(self._database, self._owner_id, plan)
        except BaseException:
            plan.close()
            raise
        return plan

    async def dry_run(self, plan: Plan) -> Row:
        """What would be made of it."""
        taken = [thing for thing in plan.things if not thing.is_left_out and thing.kind != "preferences"]
        things = []
        for thing in taken[:TOLD]:
            home = plan.list_of(thing) if thing.kind in {"section", "task"} else None
            things.append(
                {
                    "kind": thing.kind,
                    "id": thing.id,
                    "title": thing.title,
                    "line": thing.line,
                    "list": None if home is None else home.title,
                    "is_there": thing.is_there,
                }
            )
        return {
            "format": plan.format,
            "kinds": plan.kinds(is_dry=True),
            "things": things,
            "not_understood": {"total": plan.told.total, "items": plan.told.items},
            "exceeds": await exceeds(self._database, self._owner_id, plan, self._limits),
        }
