"""What the build of the client has left in `files/`, read once. Knows no web framework."""

import base64
import gzip
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Final

from doable import __version__

FOLDER: Final = Path(str(files("doable.web") / "files"))
PAGE: Final = "index.html"
MANIFEST: Final = "manifest.webmanifest"
WORKER: Final = "sw.js"
COMPRESSED: Final = {"br": ".br", "gzip": ".gz"}
"""What the build makes of a file that is worth it, the smallest first."""

# Not what the machine would say: its table may say anything.
MEDIA_TYPES: Final = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".md": "text/markdown",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


@dataclass(frozen=True, slots=True)
class Form:
    """A file in one encoding, and its entity tag."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class File:
    """A file in all encodings that there are of it. The one without is named by an empty text."""

    media_type: str
    forms: Mapping[str, Form]


@dataclass(frozen=True, slots=True)
class Place:
    """What the client has to know of the server before it can ask it."""

    path: str
    """What stands before every path."""
    title: str
    sends_mail: bool
    max_description_length: int


def is_built() -> bool:
    """Whether there is a client to be served."""
    return (FOLDER / PAGE).exists()


def read(place: Place) -> dict[str, File]:
    """The files by their paths, as they are for this place."""
    found = {path.relative_to(FOLDER).as_posix(): path for path in FOLDER.rglob("*") if path.suffix in MEDIA_TYPES}
    read = {name: _file(path.suffix, dict(_forms(path))) for name, path in found.items()}
    read[PAGE] = _written(PAGE, _page(found[PAGE].read_text(), place))
    # A browser gets a worker again when it has changed, and the worker its page: this one keeps what settings made of it.
    read[WORKER] = _written(WORKER, f"{found[WORKER].read_text()}\n// {read[PAGE].forms[''].etag}\n")
    read[MANIFEST] = _written(MANIFEST, _manifest(found[MANIFEST].read_text(), place))
    return read


def _forms(path: Path) -> Iterator[tuple[str, bytes]]:
    for encoding, suffix in COMPRESSED.items():
        compressed = path.with_name(path.name + suffix)
        if compressed.exists():
            yield encoding, compressed.read_bytes()
    yield "", path.read_bytes()


def _file(suffix: str, bodies: Mapping[str, bytes]) -> File:
    return File(MEDIA_TYPES[suffix], {encoding: Form(body, _etag(body)) for encoding, body in bodies.items()})


def _written(name: str, text: str) -> File:
    body = text.encode()
    return _file(Path(name).suffix, {"gzip": gzip.compress(body, mtime=0), "": body})


def _etag(body: bytes) -> str:
    digest = hashlib.sha256(body).digest()[:15]
    return f'"{base64.urlsafe_b64encode(digest).decode()}"'


def _page(text: str, place: Place) -> str:
    """The page is for every address, however deep, so what it loads has to be named from the top."""
    mail = "smtp" if place.sends_mail else "none"
    told = {
        "doable-path": place.path,
        "doable-title": place.title,
        "doable-version": __version__,
        "doable-mail": mail,
        "doable-description": str(place.max_description_length),
    }
    metas = "".join(f'\n    <meta name="{name}" content="{escape(content)}" />' for name, content in told.items())
    return (
        text.replace('="./', f'="{escape(place.path)}/')
        .replace("<head>", f"<head>{metas}", 1)
        .replace("<title>Doable</title>", f"<title>{escape(place.title)}</title>", 1)
    )


def _manifest(text: str, place: Place) -> str:
    """Its addresses are relative to its own."""
    return json.dumps({**json.loads(text), "name": place.title, "short_name": place.title}, ensure_ascii=False)
