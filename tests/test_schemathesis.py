"""Schemathesis against the whole API, all checks on: no 5xx, no undocumented status, no answer that breaks its schema."""

import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx

from support.server import QuickServer, environment
from support.users import User

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
HOOKS = CONFIGURATION.with_name("schemathesis_hooks.py")
# It never ends, and has tests of its own.
STREAM = "/api/{user_id}/events"
# They need a token that is known to its owner alone, two ids at once, a task that recurs, or a reminder.
NEED_WHAT_NOBODY_GUESSES = {
    "/api/auth/refresh",
    "/api/auth/sessions/{session_id}",
    "/api/auth/password/reset",
    "/api/auth/email/verify",
    "/api/{user_id}/tags/{tag_id}/merge",
    "/api/{user_id}/tasks/{task_id}/skip",
    "/api/{user_id}/tasks/{task_id}/reminders/{reminder_id}/snooze",
    "/api/{user_id}/notifications/{notification_id}",
    "/api/{user_id}/import",
    "/api/{user_id}/imports/{import_id}",
}
EXAMPLES = "8"


def test_the_api_is_as_its_document_says(
    backend: str, migrated_database_settings: Callable[[], dict[str, str]], tmp_path: Path
) -> None:
    answers = tmp_path / "answers"
    # It has one address and one account to try everything with.
    off = dict.fromkeys(("THROTTLE_LOGIN", "THROTTLE_RESET", "THROTTLE_VERIFICATION"), "off")
    # What is not valid is refused before a database is asked, on one as on the other. That is two thirds of all requests.
    mode = "all" if backend == "sqlite" else "positive"
    # The document's examples come first: one signs up, and another logs in with the same address.
    with QuickServer(tmp_path, **migrated_database_settings(), **off) as server, closing(User(server.url)) as user:
        result = subprocess.run(
            [
                *(Path(sys.executable).with_name("schemathesis"), "--config-file", CONFIGURATION, "run"),
                *(f"{server.url}/openapi.json", "--checks", "all", "--max-examples", EXAMPLES, "--no-color"),
                *("--mode", mode, *(["--generation-deterministic"] if "CI" in os.environ else [])),
                *("--exclude-path", STREAM),
            ],
            env=environment(
                DOABLE_TOKEN=user.token, DOABLE_ANSWERS=str(answers), DOABLE_HOOKS=str(HOOKS), DOABLE_URL=server.url
            ),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert result.returncode == 0, result.stdout
        document = httpx.get(f"{server.url}/openapi.json").json()
        log = server.log
    answered = [line.split() for line in answers.read_text(encoding="utf-8").splitlines()]
    assert len(answered) > 500
    succeeded = {(method, template) for method, template, status in answered if status.startswith("2")}
    never = [
        f"{method} {template}"
        for template, operations in document["paths"].items()
        for method in operations
        if template not in {STREAM, *NEED_WHAT_NOBODY_GUESSES} and (method, template) not in succeeded
    ]
    # Some are only found when much is tried.
    assert mode != "all" or not never, f"No 2xx was ever seen of {never}"
    assert '"level":"error"' not in log
