"""What Schemathesis cannot know: which valid requests are refused all the same, and must be."""

from typing import Any

import schemathesis
from schemathesis.checks import CheckContext


@schemathesis.check
def valid_input_is_accepted(
    _context: CheckContext, response: schemathesis.Response, case: "schemathesis.Case[Any]"
) -> None:
    """As `positive_data_acceptance`, which lets 422 pass (see the configuration)."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code != 422:
        return
    if response.json()["code"] == "mail_token_invalid":
        return  # nobody guesses one
    if response.json()["code"] == "idempotency_key_reused":
        return  # a key belongs to one request, and the same examples are tried on every route
    if "0" in {case.headers.get("If-Match"), case.headers.get("If-None-Match")}:
        return  # its idea of a valid entity tag, whatever the document says
    if "If-Match" in case.headers and "If-None-Match" in case.headers:
        return  # they contradict each other
    if case.headers.get("If-None-Match") == "*" and isinstance(case.body, dict) and "title" not in case.body:
        return  # no task without a title
    message = f"Valid input was refused: {response.text}"
    raise AssertionError(message)
