"""Make the client's icons for home screens of the one that is drawn: `python scripts/icons.py`. Needs Chromium."""

import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
ICONS: Final = ROOT / "web/public/icons"
ROUNDED: Final = 'rx="116"'
LARGE: Final = 512


def main() -> None:
    """Draw each of them in a browser, and keep what is seen."""
    sys.path.insert(0, str(ROOT / "tests"))
    from support.browser import new_page

    drawn = (ICONS / "icon.svg").read_text()
    # Systems cut their own shape out of this one: nothing is round yet, and what matters is in the middle.
    middle = drawn.replace(ROUNDED, "").replace("<g ", '<g transform="translate(51 51) scale(.8)" ')
    with new_page("about:blank") as page:
        for name, svg, size in (
            ("icon-192", drawn, 192),
            ("icon-512", drawn, LARGE),
            ("maskable-512", middle, LARGE),
            ("apple-touch-icon", drawn.replace(ROUNDED, ""), 180),
        ):
            page.set_viewport_size({"width": size, "height": size})
            page.set_content(f"<style>body {{ margin: 0 }} svg {{ display: block; width: {size}px }}</style>{svg}")
            (ICONS / f"{name}.png").write_bytes(page.screenshot(omit_background=True))


if __name__ == "__main__":
    main()
