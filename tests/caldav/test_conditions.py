"""The `If` header, and what a sync-token in it is good for."""

import pytest

from support.dav import Phone, assert_refused


@pytest.mark.parametrize(
    "header", ["", "()", '"1"', '(["1"]', "(Not)", "<a>", '["1"]', '(["1"]) <a> (["1"])', "(<a b>)"]
)
def test_what_is_no_such_header(anns: Phone, header: str) -> None:
    assert_refused(anns.dav("PROPFIND", anns.inbox, Depth="0", If=header), 400)
