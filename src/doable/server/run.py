"""How the server runs: as one process, as several, or again whenever the code changes."""

import gc
import signal
import sys
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from socket import socket
from types import FrameType
from typing import Final, NoReturn

from doable.errors import Misconfigured
from doable.http import logs
from doable.settings import Settings

_told: Final = threading.Event()


def stop_quietly() -> None:
    """Have SIGTERM and SIGINT end this process with exit code 0: being told to stop is no failure."""

    def stop(_signal: int, _frame: FrameType | None) -> NoReturn:
        _told.set()
        sys.exit(0)

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, stop)


def end_if_told() -> None:
    """End now if it was told while Python called something back, as each import does: there it only prints a SystemExit, and goes on."""
    if _told.is_set():
        sys.exit(0)


def run(settings: Settings, port: int, sockets: Sequence[socket], *, reload: bool) -> None:
    """Serve until SIGTERM or SIGINT: then finish what is under way, and stop. Raises Misconfigured if it cannot start."""
    logs.configure(debug=settings.debug)
    if reload:
        gc.enable()
        _run_again_and_again(port, sockets)
    elif settings.workers > 1:
        from doable.server.supervisor import FORKS, Supervisor

        if FORKS:
            from doable.server import worker  # noqa: F401 - what is imported here, the workers have together

            gc.freeze()
        gc.enable()
        end_if_told()
        if not Supervisor(port, settings.workers, sockets).run():
            raise Misconfigured("The server could not start, see above.")
    else:
        from doable.server.worker import serve

        try:
            serve(Settings.load(port=port, web_concurrency=1), sockets)
        except SystemExit as ended:
            if ended.code:
                raise Misconfigured("The server could not start, see above.") from None
            raise


def _run_again_and_again(port: int, sockets: Sequence[socket]) -> None:
    from uvicorn.supervisors import ChangeReload

    from doable.server.worker import configuration, reloaded

    code = str(Path(__file__).parents[1])
    config = configuration("doable.app:create_app", factory=True, reload=True, reload_dirs=[code])
    ChangeReload(config, target=partial(reloaded, port), sockets=list(sockets)).run()
