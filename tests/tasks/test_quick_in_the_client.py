"""The web client has a grammar of its own, for what is shown while one types: it understands what the server does.

More lines, and others each time: `QUICK_LINES=20000 pytest tests/tasks/test_quick_in_the_client.py`.
"""

import os
import random

import pytest

from support.quick_client import NODE, differing, of_the_client, words_of_the_server

pytestmark = pytest.mark.skipif(
    not NODE.exists(), reason="NOT TESTED: there is no Node.js in .venv, which runs the client"
)

FEW = 300


def test_it_understands_the_same_of_lines_that_nobody_wrote() -> None:
    number = int(os.environ.get("QUICK_LINES", FEW))
    seed = 15 if number == FEW else random.randrange(1_000_000)  # noqa: S311 - no secret
    assert differing(seed, number) == [], seed


def test_it_has_the_same_words() -> None:
    _, words = of_the_client([])
    assert words == words_of_the_server()
