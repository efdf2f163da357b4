"""Credentials carry their user, and addresses are found in a directory.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

from doable.database.types import Id

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Let keys begin with the user, and let no table of the directory refer to one that is spread by user."""
    op.create_table(
        "emails",
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("user_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint("email", name="pk_emails"),
    )
    op.execute("INSERT INTO emails (email, user_id) SELECT email, id FROM users WHERE email IS NOT NULL")
    op.create_index("ix_emails_user_id", "emails", ["user_id"])
    with op.batch_alter_table("users") as users:
        users.drop_constraint("uq_users_email", type_="unique")

    _end_sessions()

    # Older tokens do not say whose they are.
    op.create_table(
        "api_token_digests",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("user_id", Id(), nullable=False),
        sa.Column("token_id", Id(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_api_token_digests"),
    )
    op.execute("INSERT INTO api_token_digests (digest, user_id, token_id) SELECT digest, user_id, id FROM api_tokens")
    op.create_index("ix_api_token_digests_user_id", "api_token_digests", ["user_id"])

    with op.batch_alter_table("api_tokens") as api_tokens:
        api_tokens.drop_constraint("uq_api_tokens_digest", type_="unique")
    _begin_key_with_user("api_tokens", "id")
    _begin_key_with_user("mail_tokens", "digest")
    for table in ("identities", "outbox"):
        with op.batch_alter_table(table) as directory:
            directory.drop_constraint(f"fk_{table}_user_id_users", type_="foreignkey")


def _end_sessions() -> None:
    """End the refresh tokens of the old form. Until its access tokens expire, a session is listed and can be ended."""
    seconds = int(op.get_context().config.attributes["settings"].token_lifetime.total_seconds())
    if op.get_bind().dialect.name == "sqlite":
        # SQLite's functions know no microseconds, so they are put back as they were.
        last = f"strftime('%Y-%m-%dT%H:%M:%S', last_used_at, '+{seconds} seconds') || substr(last_used_at, 20)"
    else:
        last = f"last_used_at + interval '{seconds} seconds'"
    op.execute(f"UPDATE sessions SET expires_at = {last} WHERE expires_at > {last}")  # noqa: S608 - of our own
    op.drop_table("refresh_tokens")
    of_none = {"generation": (sa.BigInteger(), "0"), "token_digest": (sa.Text(), ""), "used_tokens": (sa.Text(), "[]")}
    with op.batch_alter_table("sessions") as sessions:
        for name, (type_, value) in of_none.items():
            sessions.add_column(sa.Column(name, type_, server_default=value, nullable=False))
    with op.batch_alter_table("sessions") as sessions:
        for name, (type_, value) in of_none.items():
            sessions.alter_column(name, existing_type=type_, existing_server_default=value, server_default=None)
    _begin_key_with_user("sessions", "id")


def _begin_key_with_user(table: str, column: str) -> None:
    with op.batch_alter_table(table) as batch:
        batch.drop_index(f"ix_{table}_user_id")
        batch.drop_constraint(f"pk_{table}", type_="primary")
        batch.create_primary_key(f"pk_{table}", ["user_id", column])
