"""How a benchmark is run as a command: it ends cleanly, however it is ended."""

import signal
import sys
from collections.abc import Callable

from benchmarks.client import WrongAnswerError


def run(main: Callable[[], None]) -> None:
    """Run it, and say in a sentence why there are no figures."""
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, _stop)
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("Stopped before the end.")
    except WrongAnswerError as error:
        sys.exit(f"There are no figures, because an answer was wrong. {error}")


def _stop(_: int, __: object) -> None:
    """End as Ctrl-C does, which unwinds everything: the servers are stopped and the files removed."""
    signal.raise_signal(signal.SIGINT)
