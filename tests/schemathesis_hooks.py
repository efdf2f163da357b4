"""What Schemathesis cannot know: which valid requests are refused all the same, and must be."""

import os
import uuid
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import schemathesis
from schemathesis.checks import CheckContext

PASSWORD: Final = "correct horse battery staple"
"""The one of the document's examples."""

LONGEST_QUERY: Final = 7_000

TAGS: Final = ("tag", "any_tag")

UNKNOWN: Final = "this cannot be used"
"""What is said of a problem of a kind that nobody has thought of."""

EXAMPLE_KEY: Final = "6f1c1f0c-8a3e-4a57-9a5e-0d6a2b1c7f10"

EXAMPLE_TAG: Final = "shop"

PUT_OF_A_TAG: Final = ("PUT", "/api/{user_id}/tags/{tag_id}")

CHANGES_OF_TASKS: Final = {("PUT", "/api/{user_id}/tasks/{task_id}"), ("PATCH", "/api/{user_id}/tasks/{task_id}")}
PLACES: Final = {"list_id", "section_id", "parent_id"}

OF_A_NEW_USER: Final = {
    ("DELETE", "/api/auth/me"),
    ("DELETE", "/api/auth/sessions/{session_id}"),
    ("POST", "/api/auth/logout"),
    ("POST", "/api/auth/password"),
    ("POST", "/api/auth/email"),
}
"""What ends the session that everything else is tried with, or changes its user's credentials."""


# Each client would read again whom to trust.
CLIENT: Final = httpx.Client(base_url=os.environ["DOABLE_URL"], timeout=30)


@schemathesis.auth(refresh_interval=None)
class LogIn:
    """As the one user, or where that would be its end as a new one."""

    def get(self, case: "schemathesis.Case[Any]", _context: schemathesis.AuthContext) -> str:
        if (case.operation.method.upper(), case.operation.path) not in OF_A_NEW_USER:
            return os.environ["DOABLE_TOKEN"]
        credentials = {"email": f"{uuid.uuid4().hex}@example.com", "password": PASSWORD}
        answer = CLIENT.post("/api/auth/signup", json=credentials)
        token: str = answer.json()["access_token"]
        return token

    def set(self, case: "schemathesis.Case[Any]", data: str, _context: schemathesis.AuthContext) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: "schemathesis.Case[Any]", _kwargs: dict[str, Any]) -> None:
    """A key of its own for each request: the one of the document's example would belong to the first route that gets it."""
    if case.headers.get("Idempotency-Key") == EXAMPLE_KEY:
        case.headers["Idempotency-Key"] = str(uuid.uuid4())
    is_change = (case.operation.method.upper(), case.operation.path) in CHANGES_OF_TASKS
    is_valid = case.meta is None or case.meta.generation.mode.is_positive
    if is_change and is_valid and isinstance(case.body, dict):
        # Nobody guesses where a task is, and any other place would be a move: hardly a change would ever succeed.
        case.body = {name: value for name, value in case.body.items() if name not in PLACES}
    is_put = (case.operation.method.upper(), case.operation.path) == PUT_OF_A_TAG
    if is_put and is_valid and isinstance(case.body, dict) and case.body.get("name") == EXAMPLE_TAG:
        # It is made where there is none of its id and none of its name, and by then there may be the example, and tags with
        # all the ids that are known.
        case.path_parameters["tag_id"] = str(uuid.uuid4())
        case.body = {**case.body, "name": f"{EXAMPLE_TAG} {uuid.uuid4()}"}


@schemathesis.hook
def after_call(
    _context: schemathesis.HookContext, case: "schemathesis.Case[Any]", response: schemathesis.Response
) -> None:
    """Note what was answered. A report of all that was sent takes a tenth of the time."""
    with Path(os.environ["DOABLE_ANSWERS"]).open("a", encoding="utf-8") as answers:
        answers.write(f"{case.method.lower()} {case.operation.path} {response.status_code}\n")


@schemathesis.hook
def filter_case(_context: schemathesis.HookContext, case: "schemathesis.Case[Any]") -> bool:
    """White space is taken out of texts first, so one that is too long may be good. A schema cannot say that.

    And an address may be too long: that is 414 before any route is asked.
    """
    if case.query and len(urlencode(case.query, doseq=True)) > LONGEST_QUERY:
        return False
    if case.meta is None or case.meta.generation.mode.is_positive:
        return True
    values = [*case.body.values()] if isinstance(case.body, dict) else []
    values += [case.query[name] for name in TAGS if name in case.query] if case.query else []
    texts = [each for value in values for each in (value if isinstance(value, list) else [value])]
    return all(text == " ".join(text.split()) for text in texts if isinstance(text, str))


@schemathesis.check
def valid_input_is_accepted(
    _context: CheckContext, response: schemathesis.Response, case: "schemathesis.Case[Any]"
) -> None:
    """As `positive_data_acceptance`, which lets 422 pass (see the configuration)."""
    meta = case.meta
    if meta is None or not meta.generation.mode.is_positive or response.status_code != 422:
        return
    if not is_rightly_refused(response.json(), case):
        message = f"Valid input was refused: {response.text}"
        raise AssertionError(message)


@schemathesis.check
def the_message_says_what_is_wrong(
    _context: CheckContext, response: schemathesis.Response, _case: "schemathesis.Case[Any]"
) -> None:
    """Every kind of problem that Pydantic finds has a text of Doable's."""
    if response.status_code == 422 and UNKNOWN in response.text:
        message = f"There is no text for this problem: {response.text}"
        raise AssertionError(message)


def is_rightly_refused(error: dict[str, Any], case: "schemathesis.Case[Any]") -> bool:
    """Whether it is one of the inputs that a schema cannot tell from good ones."""
    # A key belongs to one request, and the same examples are tried on every route. A common password is as long as any.
    # Nobody guesses a token that was mailed, or a cursor. An order that needs another parameter says so in words.
    # Few texts are a filter, or have a word to search for. Where a task stands decides what may stand beside or below it;
    # which rules are followed, and to whom push messages go, is known to Doable alone. Hardly any bytes are a file.
    if error["code"] in {
        "not_a_sibling",
        "circle",
        "too_deep",
        "recurrence_unsupported",
        "recurrence_never",
        "push_host",
        "nothing_to_search",
        "idempotency_key_reused",
        "weak_password",
        "mail_token_invalid",
        "cursor_invalid",
        "sort_needs",
        "filter_invalid",
        "file_unreadable",
    }:
        return True
    # One of three members and only one: in a schema, generators of clients would make nonsense of that. And nobody
    # guesses the id of another list. Not every day that looks like one is there, few texts are a moment or the name of a
    # zone, and a zone needs a time. Of a text too much may be left for a title. A list of an address has no limit of its own. The user's address is not verified.
    if error["detail"][0]["type"] in {
        *("place_missing", "not_found", "use_move", "too_many_parameters", "email_not_verified"),
        *("date_unknown", "timezone_unknown", "moment_incomplete", "no_moment", "url_unsafe", "title_too_long"),
        # Either of two members; a length of time; a point on a curve; each id once; and a date with a rule.
        *(
            "recurrence_needs_due",
            "reminder_incomplete",
            "snooze_incomplete",
            "offset_too_long",
            "no_instant",
            "push_key_not_valid",
            "repeated",
        ),
    }:
        return True
    if_match, if_none_match = case.headers.get("If-Match"), case.headers.get("If-None-Match")
    return (
        "0" in {if_match, if_none_match}  # its idea of a valid entity tag, whatever the document says
        # They contradict each other.
        or (if_match is not None and if_none_match is not None)
        or error["detail"][0]["loc"] == ["query", "offset"]
        # A patch may name half of the quiet hours, if the other half is known and another time.
        or error["detail"][0]["loc"][:2] == ["body", "quiet"]
        # A patch may name where a rule counts from, if there is a rule.
        or error["detail"][0]["loc"][-2:] == ["recurrence", "rule"]
        # There is no task without a title.
        or (if_none_match == "*" and isinstance(case.body, dict) and "title" not in case.body)
        # It is an instant, and past.
        or any(problem["loc"] == ["body", "expires_at"] for problem in error["detail"])
    )
