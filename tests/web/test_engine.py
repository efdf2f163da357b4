"""The client's engine (`web/sync`) against a real server: `web/sync/test/real.ts` has the stories, this starts what they need."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path

import pytest

from support.postgresql import with_programs
from support.server import Server, doable
from support.users import PASSWORD, User

WEB = Path(__file__).parents[2] / "web"
NODE = Path(sys.executable).with_name("node")
SECONDS = 150

pytestmark = pytest.mark.skipif(
    not NODE.exists() or not (WEB / "node_modules" / ".check").exists(),
    reason="web/sync was NOT TESTED against a server: the client's packages are not installed (make .venv/.web)",
)


@contextmanager
def node(folder: Path, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A script, and what it has started: `node` is a program of its package's that starts the real one."""
    command: list[str | Path] = [NODE, "--import", WEB / "test" / "setup.ts", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=folder, text=True, start_new_session=True, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT
    ) as script:
        try:
            yield script
        finally:
            with suppress(ProcessLookupError):
                os.killpg(script.pid, signal.SIGKILL)


def story(user: User, name: str) -> AbstractContextManager[subprocess.Popen[str]]:
    """One of the stories, of this user."""
    return node(WEB, WEB / "sync" / "test" / "real.ts", str(user.base_url).rstrip("/"), user.id, user.token, name)


def end(script: subprocess.Popen[str], said: str = "") -> None:
    output, _ = script.communicate(said, timeout=SECONDS)
    assert script.returncode == 0, output
    assert output.endswith("It is so.\n")


@contextmanager
def asked(script: subprocess.Popen[str], what: str) -> Iterator[None]:
    """The script has asked for it, and goes on when it is done."""
    assert script.stdout is not None
    assert script.stdin is not None
    assert script.stdout.readline() == f"{what}\n"
    yield
    script.stdin.write("done\n")
    script.stdin.flush()


@pytest.mark.parametrize("name", ["everyOperation", "series", "apart", "refusals", "quick"])
def test_what_is_shown_at_once_is_what_the_server_makes_of_it(alice: User, name: str) -> None:
    with story(alice, name) as script:
        end(script)


def test_nothing_is_lost_and_nothing_is_done_twice_when_the_server_is_killed(
    new_server: Callable[..., AbstractContextManager[Server]],
) -> None:
    with new_server() as server, closing(User(server.url)) as user, story(user, "killed") as script:
        assert script.stdout is not None
        assert script.stdout.readline() == "kill\n"
        server.kill()
        server.start()
        end(script, "enough\n")


def test_several_devices_do_things_to_the_same_things_at_once(alice: User) -> None:
    script = WEB / "sync" / "test" / "together.ts"
    with node(WEB, script, str(alice.base_url).rstrip("/"), alice.id, alice.token, "8", "15") as devices:
        end(devices)


def test_what_waits_outlives_people_passwords_and_accounts(server: Server) -> None:
    stories = "nextPerson idOfAnother newPassword deletedAccount"
    with node(WEB, WEB / "sync" / "test" / "people.ts", server.url, stories) as script:
        end(script)


def test_what_waits_outlives_a_backup_that_is_restored(
    new_server: Callable[..., AbstractContextManager[Server]], tmp_path: Path
) -> None:
    with new_server() as server, node(WEB, WEB / "sync" / "test" / "people.ts", server.url, "restored") as script:
        environ = {**server.settings, **with_programs()}
        with asked(script, "back up"):
            assert doable("backup", "file", cwd=tmp_path, **environ).returncode == 0
        with asked(script, "stop"):
            server.stop()
        with asked(script, "restore"):
            assert doable("restore", "file", cwd=tmp_path, **environ).returncode == 0
            server.start()
        end(script)


def test_the_package_and_the_example_of_its_readme_work(one_user: User, tmp_path: Path) -> None:
    package = tmp_path / "node_modules" / "@doable" / "sync"
    package.mkdir(parents=True)
    shutil.copy(WEB / "sync" / "package.json", package)
    compiler, project = WEB / "node_modules" / "typescript" / "bin" / "tsc", WEB / "sync" / "tsconfig.build.json"
    subprocess.run([NODE, compiler, "--project", project, "--outDir", package / "dist"], check=True, timeout=SECONDS)
    readme = (WEB / "sync" / "README.md").read_text()
    example = readme.split("```js\n")[1].split("```")[0]
    assert example.count("\n") <= 25
    for shown, real in {
        "http://127.0.0.1:8000": str(one_user.base_url).rstrip("/"),
        "ada@example.com": one_user.email,
        "correct horse battery staple": PASSWORD,
    }.items():
        assert shown in example
        example = example.replace(shown, real)
    (tmp_path / "example.mjs").write_text(example)
    with node(tmp_path, "example.mjs") as script:
        assert script.stdout is not None
        assert "live, 0 to send: Buy oat milk\n" in iter(script.stdout.readline, "")
    (task,) = one_user.get(one_user.tasks).json()["tasks"]
    assert (task["title"], task["is_completed"], task["tags"]) == ("Buy oat milk", False, ["shop"])
