"""The web client has a grammar of its own, for what is shown while one types: it understands what the server does.

More lines, and others each time: `QUICK_LINES=20000 pytest tests/tasks/test_quick_in_the_client.py`.
"""

import os
import random
from itertools import islice

import pytest

from support.node import NODE
from support.quick_client import lines, of_the_client, of_the_server, words_of_the_server

FEW = 300


@pytest.mark.skipif(not NODE.exists(), reason="NOT TESTED: there is no Node.js in .venv, which runs the client")
def test_it_has_the_same_words_and_understands_the_same_of_lines_that_nobody_wrote() -> None:
    number = int(os.environ.get("QUICK_LINES", FEW))
    seed = 15 if number == FEW else random.randrange(1_000_000)  # noqa: S311 - no secret
    some = [*islice(lines(seed), number)]
    theirs, words = of_the_client(some)
    assert words == words_of_the_server()
    both = ((line, of_the_server(line), answer) for line, answer in zip(some, theirs, strict=True))
    assert [each for each in both if each[1] != each[2]] == [], seed
