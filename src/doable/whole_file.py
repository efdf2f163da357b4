"""A file that appears whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from doable.errors import Misconfigured


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A private draft (mode 0600) beside this path, which takes the path once it is written and on the disk.

    If that fails, nothing is left. Raises Misconfigured if there is something at the path already, or if no file can be
    made there.
    """
    _refuse_to_overwrite(path)
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    except OSError as error:
        message = f"Nothing can be written to the folder {path.parent}: {error.strerror}."
        raise Misconfigured(message) from None
    draft = Path(name)
    try:
        yield draft
        os.fsync(descriptor)
        _refuse_to_overwrite(path)
        draft.rename(path)
        _sync_folder(path.parent)
    finally:
        os.close(descriptor)
        draft.unlink(missing_ok=True)


def _refuse_to_overwrite(path: Path) -> None:
    if os.path.lexists(path):
        message = f"There is something at {path} already, and it is left as it is. Choose another name."
        raise Misconfigured(message)


def _sync_folder(path: Path) -> None:
    """Make the new name durable, too."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
