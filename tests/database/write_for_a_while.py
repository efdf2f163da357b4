"""A process of `test_sqlite_processes.py`: writes with several callers at once, and prints each id once it is stored."""

import asyncio
import sys
import time

from database.works import add, new_id
from doable.database import open_database
from doable.settings import Settings

CALLERS = 8


async def main(data_dir: str, seconds: float) -> None:
    async with open_database(Settings.load(data_dir=data_dir)) as database:
        await database.write(add(new_id()))
        print("ready", flush=True)  # noqa: T201 - the test reads it
        sys.stdin.readline()
        end = time.monotonic() + seconds
        stored = []

        async def caller() -> None:
            while time.monotonic() < end:
                owner_id = new_id()
                stored.append(await database.write(add(owner_id), owner_id=owner_id))

        await asyncio.gather(*(caller() for _ in range(CALLERS)))
    print(*stored, sep="\n")  # noqa: T201 - as above


asyncio.run(main(sys.argv[1], float(sys.argv[2])))
