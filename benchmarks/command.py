"""How a benchmark is run as a command: what it is asked for, and that it ends cleanly, however it is ended."""

import argparse
import signal
import sys
from collections.abc import Callable, Iterable

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


def some_of(known: Iterable[str]) -> Callable[[str], list[str]]:
    """What reads names separated by commas, in the order in which they are known."""

    def names(text: str) -> list[str]:
        asked = text.split(",")
        if unknown := set(asked) - set(known):
            message = f"there is no {', '.join(sorted(unknown))}"
            raise argparse.ArgumentTypeError(message)
        return [name for name in known if name in asked]

    return names


def _stop(_: int, __: object) -> None:
    """End as Ctrl-C does, which unwinds everything: the servers are stopped and the files removed."""
    signal.raise_signal(signal.SIGINT)
