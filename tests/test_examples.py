"""`examples/`: each keeps its copy of the tasks in step, through a lost network and a server that is killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from support.changes import Copy, batch, listed
from support.logs import lines
from support.other_server import answers
from support.proxy import Proxy
from support.server import Server, doable, environment
from support.users import User

EXAMPLES = Path(__file__).parents[1] / "examples"
FOLLOW = str(EXAMPLES / "follow.py")
SECONDS = 60
# As it is, with another idea of how long a server may say nothing.
IMPATIENT = "import follow; follow.SILENCE_SECONDS = 2; follow.main()"
FACE = "\N{GRINNING FACE}"
NOT_DOABLE = "This does not look like a Doable server. Check the URL."
NO_URLS = ["ftp://127.0.0.1", "http://", "http://[::1", "http://127.0.0.1:http"]


def wait_until(look: Callable[[], bool], why: Callable[[], object]) -> None:
    deadline = time.monotonic() + SECONDS
    while not look():
        assert time.monotonic() < deadline, why()
        time.sleep(0.02)


def restore(server: Server, backup: Path) -> None:
    """Give the server back its data as it was then."""
    assert server.stop() == 0
    shutil.rmtree(server.settings["DATA_DIR"])
    shutil.copytree(backup, server.settings["DATA_DIR"])
    server.start()


def test_the_readme_names_every_example() -> None:
    text = (EXAMPLES / "README.md").read_text()
    names = {path.name for path in EXAMPLES.iterdir() if path.is_file()} - {"README.md"}
    assert names
    assert [name for name in names if f"\n## {name}: " not in text] == []


class Follower:
    """`follow.py` as a process, and the file that it keeps."""

    def __init__(self, folder: Path, url: str, user: User, *command: str) -> None:
        self.path = folder / "copy.json"
        self._log = folder / "follow.log"
        self._command = [sys.executable, *(command or (FOLLOW,)), url, str(self.path)]
        self._environ = environment(DOABLE_TOKEN=user.token, PYTHONPATH=str(EXAMPLES), PYTHONDONTWRITEBYTECODE="1")
        self._user = user
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(self._command, env=self._environ, stdout=log, stderr=log)

    @property
    def log(self) -> str:
        """What it has said."""
        return self._log.read_text()

    @property
    def copy(self) -> Copy:
        """What is in the file, which is whole whenever it is looked at."""
        if not self.path.exists():
            return {}
        kept = json.loads(self.path.read_bytes())
        assert set(kept) == {"revision", "tasks", "lists"}
        tasks: Copy = kept["tasks"]
        return tasks

    def comes_in_step(self) -> None:
        """Wait until the file holds what the list does."""
        tasks = listed(self._user)
        wait_until(lambda: self._runs() and self.path.exists() and self.copy == tasks, lambda: self.log)

    def says(self, words: str) -> None:
        """Wait until it has said so."""
        wait_until(lambda: self._runs() and words in self.log, lambda: self.log)

    def kill(self) -> None:
        """End it without a chance to finish anything."""
        self.process.kill()
        self.process.wait(timeout=SECONDS)

    def ends(self) -> tuple[int, str]:
        """Its exit code and its last words."""
        code = self.process.wait(timeout=SECONDS)
        assert "Traceback" not in self.log
        return code, self.log.splitlines()[-1] if self.log else ""

    def _runs(self) -> bool:
        assert self.process.poll() is None, self.log
        return True


@contextmanager
def following(folder: Path, url: str, user: User, *command: str) -> Iterator[Follower]:
    follower = Follower(folder, url, user, *command)
    try:
        yield follower
    finally:
        follower.kill()


def change_everything(user: User) -> None:
    """Create, change, complete and delete."""
    first, second, third = (user.new_task(f"{title} {FACE}\u2028{title}") for title in ("first", "second", "third"))
    user.put(f"{user.tasks}/{first['id']}", json={"description": "changed\n\ndata: {}"}).raise_for_status()
    user.patch(f"{user.tasks}/{second['id']}/complete").raise_for_status()
    user.delete(f"{user.tasks}/{third['id']}").raise_for_status()
    for task in list(listed(user))[:2]:
        user.patch(f"{user.tasks}/{task}/complete").raise_for_status()


def readings(server: Server, user: User) -> int:
    """How many pages of changes were read so far, which a follower does only to begin."""
    return sum(line.get("route") == "/api/{user_id}/changes" and line["user_id"] == user.id for line in lines(server))


def test_follow_is_in_step_through_a_lost_network(
    one_server: Server, one_user: User, proxy: Proxy, tmp_path: Path
) -> None:
    # More than one page of changes.
    for _ in range(2):
        batch(one_user, *[{"op": "create", "task": {"title": str(number)}} for number in range(300)])
    with following(tmp_path, proxy.url, one_user) as follower:
        follower.comes_in_step()
        change_everything(one_user)
        follower.comes_in_step()
        with proxy.lost():
            change_everything(one_user)
            follower.says("Not in step (")
            assert follower.copy != listed(one_user)
        follower.comes_in_step()
        proxy.cut()
        change_everything(one_user)
        follower.comes_in_step()
        # In a character, in the JSON, and between the two line ends that make it an event.
        for marker, title in ((FACE.encode()[:3], f"a{FACE}b"), (b'"halv', "halved")):
            with proxy.cutting_after(marker):
                one_user.new_task(title)
            follower.comes_in_step()
        with proxy.cutting_after(b"}}\n"):
            one_user.new_task("whole")
        follower.comes_in_step()
        assert readings(one_server, one_user) == 2
        follower.process.send_signal(signal.SIGINT)
        assert follower.ends()[0] == 0


def test_follow_shows_changes_in_a_terminal(one_user: User, tmp_path: Path) -> None:
    groceries = one_user.post("/api/me/lists", json={"name": "Groceries"}).json()["id"]
    due = {"date": "2026-12-01", "time": "09:00", "timezone": "Europe/Berlin"}
    one_user.new_task("Buy\x9b milk", list_id=groceries, due=due, priority="high", tags=["shop"])
    one_user.new_task(FACE * 100)
    ours, its = os.openpty()
    environ = environment(DOABLE_TOKEN=one_user.token, PYTHONDONTWRITEBYTECODE="1", COLUMNS="99")
    command = [sys.executable, FOLLOW, str(one_user.base_url), str(tmp_path / "copy.json")]
    process = subprocess.Popen(command, env=environ, stdout=its, stderr=its)
    os.close(its)
    shown = b""
    try:
        while shown.count(b"\n") < 3:
            shown += os.read(ours, 1 << 16)
    finally:
        process.kill()
        process.wait(timeout=SECONDS)
        os.close(ours)
    milk = "Buy\N{REPLACEMENT CHARACTER} milk"
    assert shown.decode().splitlines() == [
        "list Groceries",
        f"[ ] {milk}  due 2026-12-01 09:00:00 Europe/Berlin  high priority  @shop  in Groceries",
        "[ ] " + FACE * 47,
    ]


def test_follow_notices_a_connection_that_is_dead(one_user: User, proxy: Proxy, tmp_path: Path) -> None:
    with following(tmp_path, proxy.url, one_user, "-c", IMPATIENT) as follower:
        one_user.new_task("before")
        follower.comes_in_step()
        proxy.freeze()
        one_user.new_task("while nothing is carried")
        follower.comes_in_step()


@pytest.mark.usefixtures("data")
def test_follow_is_in_step_with_a_server_that_is_killed_and_restored(tmp_path: Path) -> None:
    with (
        Server(tmp_path) as server,
        closing(User(server.url)) as user,
        following(tmp_path, server.url, user) as follower,
    ):
        change_everything(user)
        follower.comes_in_step()
        server.kill()
        backup = shutil.copytree(server.settings["DATA_DIR"], tmp_path / "backup")
        follower.says("Not in step (")
        server.start()
        change_everything(user)
        follower.comes_in_step()
        restore(server, backup)
        # What was done since is unknown to the server, and so it is dropped.
        user.new_task("after the backup")
        follower.comes_in_step()
        assert "the server answers 410" in follower.log


def test_follow_goes_on_where_it_was_killed(one_server: Server, one_user: User, proxy: Proxy, tmp_path: Path) -> None:
    with following(tmp_path, proxy.url, one_user) as follower:
        change_everything(one_user)
        follower.comes_in_step()
        for _ in range(4):
            before = follower.copy
            # It is killed while it writes: as soon as the first of many changes has come.
            batch(one_user, *[{"op": "create", "task": {"title": str(number)}} for number in range(200)])
            wait_until(lambda before=before: follower.copy != before, lambda: follower.log)  # type: ignore[misc]
            follower.kill()
            assert len(follower.copy) > len(before)
            change_everything(one_user)
            follower.start()
            follower.comes_in_step()
        assert readings(one_server, one_user) == 1


def test_follow_ends_when_the_token_is_refused(one_server: Server, tmp_path: Path) -> None:
    with closing(User(one_server.url)) as user, following(tmp_path, one_server.url, user) as follower:
        user.new_task()
        follower.comes_in_step()
        kept = follower.copy
        removed = doable("users", "remove", user.email, "--yes", cwd=tmp_path, **one_server.settings)
        assert removed.returncode == 0, removed.stderr
        sentence = "The token is wrong, has expired or was deleted. Set DOABLE_TOKEN to a new one."
        assert follower.ends() == (1, sentence)
        assert user.token not in follower.log
        assert follower.copy == kept


def run_follow(*arguments: str, token: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, FOLLOW, *arguments],
        env=environment(DOABLE_TOKEN=token),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_follow_says_what_is_wrong(one_server: Server, tmp_path: Path) -> None:
    copy = str(tmp_path / "copy.json")
    html = {"Content-Type": "text/html"}
    with (
        answers((404, html, b"<h1>Nothing</h1>")) as (nothing, _),
        answers((200, html, b"<h1>Hello</h1>")) as (other, _),
    ):
        for arguments, token, words in (
            ((), "a.b.c", "Usage: "),
            ((copy, one_server.url), "a.b.c", "Usage: "),
            ((one_server.url, copy), "", "set DOABLE_TOKEN"),
            ((one_server.url, copy), "secret token", "set DOABLE_TOKEN"),
            ((one_server.url, copy), "a.b.c", "The token is wrong"),
            ((nothing, copy), "a.b.c", f"The server answers 404. {NOT_DOABLE}"),
            ((other, copy), "a.b.c", NOT_DOABLE),
            *(((url, copy), "a.b.c", "Usage: ") for url in NO_URLS),
        ):
            result = run_follow(*arguments, token=token)
            assert (result.returncode, result.stdout) == (1, "")
            assert words in result.stderr
            assert result.stderr.count("\n") == 1, result.stderr
            assert "secret" not in result.stderr
    assert list(tmp_path.iterdir()) == []
