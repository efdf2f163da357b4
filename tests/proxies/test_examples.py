"""`docs/operations.md` shows what the tests run."""

from pathlib import Path

import pytest

from support.reverse_proxies import EXAMPLES, KINDS

OPERATIONS = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


@pytest.mark.parametrize("name", KINDS)
def test_the_documentation_shows_every_configuration(name: str) -> None:
    assert f"\n{(EXAMPLES / name).read_text()}```\n" in OPERATIONS


def test_every_configuration_is_tested() -> None:
    assert {path.name for path in EXAMPLES.iterdir()} == KINDS.keys()
