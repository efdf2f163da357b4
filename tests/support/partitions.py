"""Doable's schema with every owner-keyed table spread over hash partitions, as a distributed PostgreSQL spreads them."""

from sqlalchemy import Connection, MetaData

import doable.app  # noqa: F401 - so that every table is in the metadata
from doable.database.naming import metadata
from doable.database.ownership import is_directory, owner_column
from doable.database.schema import SCHEMA_VERSION

PARTITIONS = 4
SPREAD = [table.name for table in metadata.sorted_tables if not is_directory(table)]
"""The tables that are."""


def make_partitioned_schema(connection: Connection) -> None:
    """Make all of the schema in an empty database. PostgreSQL refuses a key of theirs that lacks the owner."""
    spread = MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        copy = table.to_metadata(spread)
        if table.name in SPREAD:
            owner = owner_column(table)
            assert owner is not None
            copy.dialect_options["postgresql"]["partition_by"] = f"HASH ({owner.name})"
    spread.create_all(connection)
    for name in SPREAD:
        for number in range(PARTITIONS):
            connection.exec_driver_sql(
                f"CREATE TABLE {name}_{number} PARTITION OF {name} "
                f"FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
            )
    connection.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
    connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{SCHEMA_VERSION}')")  # noqa: S608 - a constant
