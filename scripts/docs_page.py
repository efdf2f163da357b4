"""Make docs/docs-page.png, the README's picture of /docs: `make picture`. Needs Chromium.

The picture names this script, and a test looks for that name: it is never made or touched by hand.
"""

import struct
import sys
import tempfile
import zlib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PICTURE: Final = ROOT / "docs/docs-page.png"
SOFTWARE: Final = b"scripts/docs_page.py"


def main() -> None:
    """Serve, open the page, and keep what is seen of it."""
    sys.path.insert(0, str(ROOT / "tests"))
    from support.browser import new_page
    from support.server import Server

    with tempfile.TemporaryDirectory() as folder, Server(Path(folder)) as server, new_page(server.url) as page:
        page.set_viewport_size({"width": 1180, "height": 1150})
        page.goto("/docs")
        page.locator(".opblock").first.wait_for()
        PICTURE.write_bytes(signed(page.screenshot(), SOFTWARE))


def signed(png: bytes, software: bytes) -> bytes:
    """The picture with the name of a script in it, behind the 33 bytes of its head."""
    chunk = b"tEXtSoftware\0" + software
    return png[:33] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + png[33:]


if __name__ == "__main__":
    main()
