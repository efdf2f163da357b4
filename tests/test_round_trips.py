"""How often a request waits for PostgreSQL: with a network in between, that is what it takes."""

from pathlib import Path

from benchmarks.filling import FILED, fill
from benchmarks.instances import Backend, serving
from benchmarks.network import behind, network, trips
from benchmarks.owner import Owner
from support.postgresql import PostgreSQL


def test_no_operation_makes_more_round_trips_than_it_may(postgresql_18: PostgreSQL, tmp_path: Path) -> None:
    backend = Backend("PostgreSQL", tmp_path, postgresql_18.new_database(), (postgresql_18.main_process(),))
    backend.migrate()
    (ids,) = fill(backend, [30], FILED)
    with network(postgresql_18.port) as between, serving(behind(backend, between)) as server:
        found = trips(server, between, Owner(server.port, server.log_in(0), ids))
    asked = {each.what: each for each in found if each.asked}
    assert len(asked) > 5
    assert [each for each in asked.values() if not each.reached] == []
