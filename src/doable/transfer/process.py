"""The process that reads one file, `python -m doable.transfer.process PIPE FILE`: both are open, and have these numbers."""

import gc
import os
import signal
import sys
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Thread
from typing import Any, Final

NICE: Final = 10
"""Beside it, requests are answered first. It gets a tenth of a core that is busy with them."""
PROCESSOR_SECONDS: Final = 120
"""The worst files that are known take 24."""


def main() -> None:
    """Tell of the file what is in it."""
    with suppress(OSError):  # where a service manager forbids it
        os.nice(NICE)
    signal.setitimer(signal.ITIMER_PROF, PROCESSOR_SECONDS)  # SIGPROF ends it
    gc.disable()
    from doable.errors import FileUnreadable
    from doable.transfer.reading import read
    from doable.transfer.telling import Failed, Question, Refused

    gc.freeze()
    gc.enable()
    pipe: Connection[Any, Any] = Connection(int(sys.argv[1]))
    heard: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_hear, args=(pipe, heard), daemon=True).start()
    with suppress(ConnectionError), os.fdopen(int(sys.argv[2]), "rb") as file:
        try:
            telling = read(file, heard.get())
            answer = None
            while (told := next(telling, None) if answer is None else telling.send(answer)) is not None:
                pipe.send(told)
                answer = heard.get() if isinstance(told, Question) else None
            pipe.send(None)
        except FileUnreadable as error:
            pipe.send(Refused(str(error)))
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001 - whoever asked says so in its log
            places = (
                f"{each.filename}:{each.lineno} {each.name}" for each in traceback.extract_tb(error.__traceback__)
            )
            pipe.send(Failed(" ".join([type(error).__name__, *places])))


def _hear(pipe: "Connection[Any, Any]", heard: "SimpleQueue[Any]") -> None:
    """Whatever comes. At its end there is nobody any longer who wants to know."""
    while True:
        try:
            heard.put(pipe.recv())
        except (EOFError, OSError):
            os._exit(1)


if __name__ == "__main__":
    main()
