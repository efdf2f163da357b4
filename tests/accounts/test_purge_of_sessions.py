"""Sessions that have expired are deleted."""

import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

from support import schema
from support.clocks import ClockServer
from support.sessions import assert_in, assert_out, log_in, refreshed, session_id_of
from support.users import User

DAY = 24 * 60 * 60.0


def test_they_are_purged_when_the_server_starts(
    migrated_database_settings: Callable[[], dict[str, str]], tmp_path: Path
) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(ClockServer(tmp_path, **migrated_database_settings()))
        alice, bob = (stack.enter_context(closing(User(server.url))) for _ in range(2))
        settings = schema.settings_of(server)
        old = [log_in(alice) for _ in range(3)]
        server.move(7 * DAY)
        used, new = refreshed(alice, alice.refresh_token), log_in(bob)
        server.move(7 * DAY + 60)
        # Expired is expired, purged or not.
        assert_out(alice, *old)
        assert len(schema.rows_of(settings, "sessions")) == len(old) + 3

        assert server.stop() == 0
        server.start()
        alive = {session_id_of(used), session_id_of(new)}
        deadline = time.monotonic() + 20
        while {str(row["id"]) for row in schema.rows_of(settings, "sessions")} != alive:
            assert time.monotonic() < deadline, server.log
            time.sleep(0.05)
        assert_out(alice, *old)
        assert_in(alice, refreshed(alice, used["refresh_token"]), refreshed(bob, new["refresh_token"]))
