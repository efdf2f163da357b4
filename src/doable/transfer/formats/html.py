"""What the editors of other programs write: HTML, of which the text is kept."""

import re
from html import unescape
from typing import Final

# Not the standard library's parser: of several versions of Python it takes the square of a text's length for tags that do not end.
_TAG: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>")
_ADDRESS: Final = re.compile(r"""href=["']([^"']*)["']""")
_OPENS: Final = {"li": "\n- ", "br": "\n", "p": "\n\n", "div": "\n", "h1": "\n\n# ", "h2": "\n\n## ", "h3": "\n\n### "}
_CLOSES: Final = {"ul": "\n\n", "ol": "\n\n"}


def as_text(html: str) -> str:
    """The text of HTML, its items and links as Markdown has them; a text that is none is left as it is."""
    if not html.lstrip().startswith("<"):
        return html
    parts: list[str] = []
    place, address = 0, ""
    for tag in _TAG.finditer(html):
        parts += _flowing(html[place : tag.start()])
        place, name = tag.end(), tag[2].lower()
        if name == "a":
            if tag[1] and address:
                parts.append(f" ({address})")
            found = _ADDRESS.search(tag[3])
            address = "" if tag[1] or found is None else unescape(found[1])
        elif tag[1]:
            parts.append(_CLOSES.get(name, ""))
        elif name != "p" or not parts or not parts[-1].endswith("- "):  # the paragraph of an item
            parts.append(_OPENS.get(name, ""))
    parts += _flowing(html[place:])
    lines = [line.strip() for line in "".join(parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _flowing(text: str) -> list[str]:
    """Text between tags, in which line ends are spaces, if there is any."""
    return [unescape(re.sub(r"\s+", " ", text))] if text.strip() else []
