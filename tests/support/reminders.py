"""Reminders and their alarms."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, insert, select

from doable.database.types import instant_to_text
from doable.tasks.alarms import alarms
from doable.tasks.tables import tasks
from support.changes import listed
from support.filing import fill
from support.schema import on_connection, settings_of
from support.server import Server
from support.users import User

REMINDER: Final = "1b4e28ba-2fa1-4d2e-883f-0016d3cca427"


def alarms_of(server: Server, user: User) -> set[tuple[str, str, str]]:
    """The task, the reminder and the instant of each."""

    def read(connection: Connection) -> set[tuple[str, str, str]]:
        own = select(alarms.c.task_id, alarms.c.id, alarms.c.fire_at).where(alarms.c.owner_id == user.id)
        return {(str(row.task_id), str(row.id), _text(row.fire_at)) for row in connection.execute(own)}

    return on_connection(settings_of(server), read)


def _text(instant: str | datetime) -> str:
    return instant if isinstance(instant, str) else instant_to_text(instant)


def awaited(user: User) -> set[tuple[str, str, str]]:
    """The same by what the tasks say."""
    return {
        (task["id"], each["id"], each["remind_at"])
        for task in listed(user).values()
        for each in task["reminders"]
        if each["remind_at"]
    }


def of(task: dict[str, Any]) -> list[str | None]:
    """When each of its reminders comes."""
    return [each["remind_at"] for each in task["reminders"]]


def fill_with_reminders(server: Server, user: User, number: int) -> None:
    """So many tasks that are due at 09:00 by the clock, of a user who is in UTC, and a reminder of each."""
    remind_at = "2126-12-01T09:00:00.000000Z"
    said = f'"id":"{REMINDER}","offset":"PT0M","relative_to":"due","at":null,"remind_at":"{remind_at}"'
    fill(server, user, tasks, number, title="{}", due_local="2126-12-01T09:00:00", reminders=f"[{{{{{said}}}}}]")

    def write(connection: Connection) -> None:
        fire_at = remind_at if connection.dialect.name == "sqlite" else datetime.fromisoformat(remind_at)
        there = select(alarms.c.task_id).where(alarms.c.owner_id == user.id)
        new = select(tasks.c.id).where(
            tasks.c.owner_id == user.id, tasks.c.id.not_in(there), tasks.c.reminders.is_not(None)
        )
        rows = [
            {"owner_id": user.id, "task_id": str(id_), "id": REMINDER, "fire_at": fire_at, "timezone": "UTC"}
            for id_ in connection.execute(new).scalars()
        ]
        connection.execute(insert(alarms), rows)

    on_connection(settings_of(server), write)
