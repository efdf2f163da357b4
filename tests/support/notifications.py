"""Notifications that nobody had to wait for."""

import uuid
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, update

from doable.database.types import instant_to_text
from doable.notifications.tables import notifications
from doable.owned.tables import owners
from support.schema import on_connection, settings_of
from support.server import Server
from support.users import User


def planted(user: User, *, at: datetime | None = None) -> str:
    """The id of a new one, which is written past the server as if a reminder had come."""
    id_, now = str(uuid.uuid4()), at or datetime.now(UTC)

    def write(connection: Connection) -> None:
        moved = {name: owners.c[name] + 1 for name in ("revision", "counted_revision")}
        own = update(owners).where(owners.c.owner_id == user.id).values(moved).returning(owners.c.revision)
        revision = connection.execute(own).scalar_one()
        instant = instant_to_text(now) if connection.dialect.name == "sqlite" else now
        instants = dict.fromkeys(("remind_at", "created_at", "updated_at"), instant)
        ids = {"id": id_, "task_id": str(uuid.uuid4()), "reminder_id": str(uuid.uuid4())}
        row = {"owner_id": user.id, "sequence": revision, "revision": revision, **ids, **instants}
        connection.execute(insert(notifications), [row])

    on_connection(settings_of(Server.running[str(user.base_url).rstrip("/")]), write)
    return id_
