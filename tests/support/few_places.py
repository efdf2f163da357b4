"""`doable` with few places, where whoever waits is not refused before the test is over. Run with its arguments."""

from doable import cli, places
from doable.database.sqlite import writer
from doable.http import incoming

PLACES, WAITING = 4, 2
INCOMING_BYTES = 512 * 1024

places.OF_PROCESS.count = places.OF_PROCESS.free = PLACES
places.MAX_WAITING = WAITING
places.PATIENCE_SECONDS = places.USER_PATIENCE_SECONDS = 60
incoming.MAX_BYTES = INCOMING_BYTES
# As long as the test holds the database's lock, so long may a write wait for it.
vars(writer).update(MAX_WAIT_SECONDS=60, BUSY_TIMEOUT_MS=60_000)

if __name__ == "__main__":
    cli.main()
