"""The client's engine (`web/sync`) against a real server: `web/sync/test/real.ts` has the stories, this starts what they need."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest

from support.server import Server
from support.users import User

WEB = Path(__file__).parents[2] / "web"
NODE = Path(sys.executable).with_name("node")
SECONDS = 150

pytestmark = pytest.mark.skipif(
    not NODE.exists() or not (WEB / "node_modules" / ".check").exists(),
    reason="web/sync was NOT TESTED against a server: the client's packages are not installed (make .venv/.web)",
)


def begin(user: User, story: str) -> subprocess.Popen[str]:
    url = str(user.base_url).rstrip("/")
    script = ["--import", "./test/setup.ts", "sync/test/real.ts", url, user.id, user.token, story]
    return subprocess.Popen(
        [NODE, *script], cwd=WEB, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def end(script: subprocess.Popen[str], said: str = "") -> None:
    try:
        output, _ = script.communicate(said, timeout=SECONDS)
    finally:
        script.kill()
    assert script.returncode == 0, output
    assert output.endswith("It is so.\n")


@pytest.mark.parametrize("story", ["everyOperation", "series", "apart", "refusals"])
def test_what_is_shown_at_once_is_what_the_server_makes_of_it(alice: User, story: str) -> None:
    end(begin(alice, story))


def test_nothing_is_lost_and_nothing_is_done_twice_when_the_server_is_killed(
    new_server: Callable[..., AbstractContextManager[Server]],
) -> None:
    with new_server() as server, closing(User(server.url)) as user:
        script = begin(user, "killed")
        assert script.stdout is not None
        assert script.stdout.readline() == "kill\n"
        server.kill()
        server.start()
        end(script, "enough\n")
