"""Folders that the settings name, made when they are needed."""

from pathlib import Path

from doable.errors import Misconfigured


def make_private_directory(path: Path) -> None:
    """Make a folder that only this user can look into. An existing one is left as it is.

    Raises Misconfigured if something else is in its place.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        reason = "it is not a folder" if isinstance(error, FileExistsError) else error.strerror
        message = f"The folder {path} cannot be used: {reason}. Set DATA_DIR to one that can."
        raise Misconfigured(message) from None
