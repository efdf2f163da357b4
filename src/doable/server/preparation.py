"""The database is prepared by a process of its own, so that the server never loads the modules that migrations need."""

import os
import signal
import subprocess
import sys
import threading
import time
from typing import Final

from doable.errors import NotReady
from doable.server.checks import migration_is_due
from doable.settings import Settings

LISTEN_AFTER_SECONDS: Final = 10.0
"""A migration that takes longer is waited for while the server listens, or whoever watches it would take it for dead."""
LOOK_SECONDS: Final = 1.0


class Preparation:
    """`doable migrate --wait`, where the database is not there yet or lacks a migration.

    If it fails while the server listens already, it stops the server, and `has_failed`.
    """

    def __init__(self, settings: Settings) -> None:
        """Raises Misconfigured if the database cannot be used, and SystemExit if it cannot be migrated."""
        self.has_failed = False
        try:
            if not migration_is_due(settings):
                return
            patience = LISTEN_AFTER_SECONDS
        except NotReady:
            patience = 0.0
        # -P: no file in the working folder is taken for a Python package.
        command = [sys.executable, "-P", "-m", "doable", "migrate", "--wait"]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - our own
        try:
            if self._process.wait(patience):
                raise SystemExit(1)
        except subprocess.TimeoutExpired:
            threading.Thread(target=self._watch, name="doable-preparation", daemon=True).start()

    def _watch(self) -> None:
        if self._process.wait():
            self.has_failed = True
            os.kill(os.getpid(), signal.SIGTERM)


def wait_for_database(settings: Settings) -> None:
    """Return when it can be reached, or whoever has started this process has gone. Raises Misconfigured if it cannot be used."""
    parent = os.getppid()
    while os.getppid() == parent:
        try:
            migration_is_due(settings)
        except NotReady:
            time.sleep(LOOK_SECONDS)
        else:
            return
