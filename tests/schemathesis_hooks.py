"""What Schemathesis cannot know: which valid requests are refused all the same, and must be."""

import os
import uuid
from typing import Any, Final

import httpx
import schemathesis
from schemathesis.checks import CheckContext

PASSWORD: Final = "correct horse battery staple"
"""The one of the document's examples."""

ENDS_THE_SESSION: Final = {("DELETE", "/api/auth/me"), ("POST", "/api/auth/logout")}


@schemathesis.auth(refresh_interval=None)
class LogIn:
    """As the one user, but as a new one for what ends the session that everything else is tried with."""

    def get(self, case: "schemathesis.Case[Any]", _context: schemathesis.AuthContext) -> str:
        if (case.operation.method.upper(), case.operation.path) not in ENDS_THE_SESSION:
            return os.environ["DOABLE_TOKEN"]
        credentials = {"email": f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
        answer = httpx.post(f"{os.environ['DOABLE_URL']}/api/auth/signup", json=credentials, timeout=30)
        token: str = answer.json()["access_token"]
        return token

    def set(self, case: "schemathesis.Case[Any]", data: str, _context: schemathesis.AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.check
def valid_input_is_accepted(
    _context: CheckContext, response: schemathesis.Response, case: "schemathesis.Case[Any]"
) -> None:
    """As `positive_data_acceptance`, which lets 422 pass (see the configuration)."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code != 422:
        return
    if response.json()["code"] == "idempotency_key_reused":
        return  # a key belongs to one request, and the same examples are tried on every route
    if response.json()["code"] == "weak_password":
        return  # it is as long as the document says, and common all the same
    if "0" in {case.headers.get("If-Match"), case.headers.get("If-None-Match")}:
        return  # its idea of a valid entity tag, whatever the document says
    if "If-Match" in case.headers and "If-None-Match" in case.headers:
        return  # they contradict each other
    if case.headers.get("If-None-Match") == "*" and isinstance(case.body, dict) and "title" not in case.body:
        return  # no task without a title
    if any(problem["loc"] == ["body", "expires_at"] for problem in response.json()["detail"]):
        return  # it is valid, and past
    message = f"Valid input was refused: {response.text}"
    raise AssertionError(message)
