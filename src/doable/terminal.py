"""Other people's text in a terminal."""


def printable(text: str) -> str:
    """The text without what could move the cursor, hide or turn round what is shown, or end the line."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
