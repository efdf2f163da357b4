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
from typing import Any

import pytest
from playwright.sync_api import Page, Response, expect

from support.browser import needs_chromium, new_page
from support.changes import Copy, batch, listed
from support.logs import lines
from support.other_server import answers, files
from support.proxy import Proxy
from support.server import Server, doable, environment
from support.users import PASSWORD, User

EXAMPLES = Path(__file__).parents[1] / "examples"
FOLLOW = str(EXAMPLES / "follow.py")
SECONDS = 60
# As it is, with another idea of how long a server may say nothing.
IMPATIENT = "import follow; follow.SILENCE_SECONDS = 2; follow.main()"
FACE = "\N{GRINNING FACE}"
NOT_DOABLE = "This does not look like a Doable server. Check the URL."
NO_URLS = ["ftp://127.0.0.1", "http://", "http://[::1", "http://127.0.0.1:http"]
# JavaScript by which the page takes a new connection soon; a write that is not answered is as patient as ever until
# `hasty` is set, since on a busy machine an answer would come too late.
SOON = """
const timeout = AbortSignal.timeout;
AbortSignal.timeout = ms => timeout.call(AbortSignal, ms === 60_000 ? 3000 : window.hasty ? 1000 : ms);
"""


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


@pytest.fixture(scope="module")
def page_url() -> Iterator[str]:
    """The origin that the page is served from."""
    with files(EXAMPLES) as url:
        yield url


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


class LivePage:
    """`live.html` in a browser, of which the user is logged in."""

    def __init__(self, page: Page, user: User) -> None:
        self.page = page
        self._user = user

    def logs_in(self, password: str = PASSWORD) -> None:
        self.page.get_by_placeholder("E-mail").fill(self._user.email)
        self.page.get_by_placeholder("Password").fill(password)
        self.page.get_by_role("button", name="Log in").click()

    def adds(self, title: str) -> None:
        self.page.get_by_placeholder("New task").fill(title)
        self.page.get_by_role("button", name="Add").click()

    def comes_in_step(self) -> None:
        """Wait until it shows what the list has."""
        tasks = sorted((task["title"], task["is_completed"]) for task in listed(self._user).values())
        wait_until(lambda: self._shown() == tasks, self._shown)

    def is_hasty(self) -> None:
        """From now on it sends a write again soon."""
        self.page.evaluate("window.hasty = true")

    def adds_in_vain(self, title: str) -> None:
        """Add a task, and wait until it could not be sent."""
        with self.page.expect_event("requestfailed", lambda request: request.method == "POST", timeout=1000 * SECONDS):
            self.adds(title)

    @contextmanager
    def answered(self) -> Iterator[list[Response]]:
        """When the block ends, wait until the page's requests are answered, since it does not send them again."""
        answer: list[Response] = []
        with self.page.expect_response(
            lambda answer: answer.request.method == "POST" and answer.ok, timeout=1000 * SECONDS
        ) as found:
            yield answer
        answer.append(found.value)

    def has_made(self, title: str) -> None:
        """The task is at the server, once, and shown."""
        assert [task["title"] for task in listed(self._user).values()].count(title) == 1
        self.comes_in_step()

    def says(self, words: str) -> None:
        expect(self.page.get_by_role("status")).to_contain_text(words, timeout=1000 * SECONDS)

    def _shown(self) -> list[tuple[str, bool]]:
        rows: list[list[Any]] = self.page.locator("#list li").evaluate_all(
            "items => items.map(item => [item.childNodes[1].textContent, item.querySelector('input').checked])"
        )
        return sorted((title, checked) for title, checked in rows)


@contextmanager
def live_page(page_url: str, server_url: str, user: User, script: str = "") -> Iterator[LivePage]:
    """The page, logged in, or at its log-in where a script says so."""
    wrong: list[str] = []
    with new_page(page_url) as page:
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        if script:
            page.add_init_script(script)
        page.goto(f"/live.html?server={server_url}")
        live = LivePage(page, user)
        live.logs_in()
        live.says("In step.")
        yield live
    assert wrong == []


@needs_chromium("examples/live.html was")
def test_live_shows_each_change_and_makes_some(page_url: str, one_user: User, proxy: Proxy) -> None:
    one_user.new_task("there already")
    one_user.new_task(f"<img src=x onerror=alert(1)> <b>{FACE}\u2028</b> &amp;")
    with new_page(page_url) as page:
        page.goto(f"/live.html?server={proxy.url}")
        live = LivePage(page, one_user)
        live.logs_in("a wrong password")
        live.says("The e-mail or the password is wrong.")
        expect(page.get_by_placeholder("New task")).to_be_hidden()
    with live_page(page_url, proxy.url, one_user) as live:
        live.comes_in_step()
        expect(live.page.get_by_placeholder("Password")).to_be_hidden()
        assert live.page.locator("#list img, #list b").count() == 0
        change_everything(one_user)
        live.comes_in_step()
        groceries = one_user.post("/api/me/lists", json={"name": "Groceries <b>"}).json()["id"]
        due = {"date": "2026-12-01", "time": "09:00"}
        one_user.new_task("full", list_id=groceries, due=due, priority="high", tags=["shop", "<i>"])
        full = live.page.get_by_role("listitem").filter(has_text="full")
        expect(full).to_have_text("full due 2026-12-01 09:00 high priority @<i> @shop Groceries <b>")
        with live.answered():
            live.adds("from the page")
        live.has_made("from the page")
        live.page.get_by_role("listitem").filter(has_text="from the page").get_by_role("checkbox").click()
        wait_until(lambda: is_completed(one_user, "from the page"), lambda: listed(one_user))
        live.comes_in_step()
        live.page.get_by_role("listitem").filter(has_text="from the page").get_by_role("checkbox").click()
        wait_until(lambda: not is_completed(one_user, "from the page"), lambda: listed(one_user))
        live.comes_in_step()


def is_completed(user: User, title: str) -> bool:
    (task,) = (task for task in listed(user).values() if task["title"] == title)
    completed: bool = task["is_completed"]
    return completed


@needs_chromium("examples/live.html was")
def test_live_is_in_step_through_a_lost_network(page_url: str, one_user: User, proxy: Proxy) -> None:
    one_user.new_task("there already")
    with live_page(page_url, proxy.url, one_user, SOON) as live:
        with live.answered() as answer, proxy.lost():
            live.says("The connection is lost.")
            change_everything(one_user)
            live.adds_in_vain("made while it was lost")
            assert "made while it was lost" not in str(listed(one_user))
        assert "idempotency-replayed" not in answer[0].headers
        live.has_made("made while it was lost")
        # It is done, and nobody hears of it: so it is sent again.
        with live.answered() as answer, proxy.losing_the_answer_to(b"POST /api/me/tasks "):
            live.adds("answered late")
        assert answer[0].headers["idempotency-replayed"] == "true"
        live.has_made("answered late")
        for marker, title in ((FACE.encode()[:3], f"a{FACE}b"), (b'"halv', "halved")):
            with proxy.cutting_after(marker):
                one_user.new_task(title)
            live.comes_in_step()
        # Nobody is told that these connections are dead.
        proxy.freeze()
        change_everything(one_user)
        live.comes_in_step()
        proxy.freeze()
        live.is_hasty()
        with live.answered():
            live.adds("sent into nowhere")
        live.has_made("sent into nowhere")


@pytest.mark.usefixtures("data")
@needs_chromium("examples/live.html was")
def test_live_is_in_step_with_a_server_that_is_killed_and_restored(page_url: str, tmp_path: Path) -> None:
    with Server(tmp_path, CORS_ORIGINS=page_url) as server, closing(User(server.url)) as user:
        change_everything(user)
        with live_page(page_url, server.url, user) as live:
            live.comes_in_step()
            server.kill()
            backup = shutil.copytree(server.settings["DATA_DIR"], tmp_path / "backup")
            with live.answered():
                live.adds_in_vain("made while it was away")
                server.start()
            live.has_made("made while it was away")
            change_everything(user)
            live.comes_in_step()
            restore(server, backup)
            user.new_task("after the backup")
            live.comes_in_step()
            removed = doable("users", "remove", user.email, "--yes", cwd=tmp_path, **server.settings)
            assert removed.returncode == 0, removed.stderr
            live.says("Your log-in has ended.")
            expect(live.page.get_by_placeholder("Password")).to_be_visible()
            expect(live.page.get_by_placeholder("New task")).to_be_hidden()
