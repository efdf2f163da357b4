"""`doable serve`: how it starts, what it keeps, how it ends."""

import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

import doable as package
from support.ports import free_port
from support.server import DOABLE, SECRET, Server, doable, environment
from support.users import PASSWORD, User
from support.workers import children

T = TypeVar("T")

ADDRESS = re.compile(r"^Doable \S+ on (http://\S+:[1-9]\d*), documentation at /docs$", re.MULTILINE)


@pytest.fixture(autouse=True)
def every_database_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Server, "migrated_data", None)


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers are started as users start them."""
    monkeypatch.setattr(Server, "spawns", True)


@contextmanager
def serving(
    *command: str, folder: Path, settings: dict[str, str], umask: int = -1
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server with these settings and no other; the address that it says it is at, and its process."""
    log = folder / "serving.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env=environment(**settings), cwd=folder, stdout=output, stderr=output, umask=umask
        )
    try:
        yield wait_for(lambda: _address(process, log)), process
    finally:
        process.terminate()
        process.wait(timeout=30)


def _address(process: subprocess.Popen[bytes], log: Path) -> str | None:
    assert process.poll() is None, log.read_text()
    found = ADDRESS.search(log.read_text())
    try:
        return found[1] if found and httpx.get(f"{found[1]}/livez", timeout=5).status_code == 200 else None
    except httpx.TransportError:
        return None


def wait_for(look: Callable[[], T | None]) -> T:
    """What `look` finds, once it finds something."""
    deadline = time.monotonic() + 30
    while (found := look()) is None:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def test_says_where_it_and_the_database_are(
    tmp_path: Path, new_database_settings: Callable[[], dict[str, str]]
) -> None:
    environ = new_database_settings()
    with Server(tmp_path, **environ) as server:
        url = environ.get("DATABASE_URL")
        database = url.replace("postgres@", "") if url else str(tmp_path / "data/doable.db")
        assert ADDRESS.search(server.log)
        assert f" on {server.url}, " in server.log
        assert f"\nDatabase: {database}\nOpen {server.url} in a browser.\n" in server.log


@pytest.mark.usefixtures("data")
def test_options_come_before_the_environment(tmp_path: Path) -> None:
    port = free_port()
    settings = {"DATA_DIR": str(tmp_path / "data"), "PORT": str(port), "HOST": "127.0.0.1"}
    with serving(DOABLE, "serve", folder=tmp_path, settings=settings) as (url, _):
        assert url == f"http://127.0.0.1:{port}"
        # The same port again, were it not for --port.
        with Server(tmp_path / "other", "--host", "localhost", **settings) as server:
            assert f" on http://localhost:{server.port}, " in server.log


@pytest.mark.usefixtures("data")
def test_says_what_to_open(tmp_path: Path) -> None:
    """What people reach it by, and not what it listens on."""
    settings = {"DATA_DIR": str(tmp_path / "data"), "PUBLIC_URL": "https://example.com/tasks"}
    with Server(tmp_path, "--host", "0.0.0.0", **settings) as server:  # noqa: S104 - of this machine's tests
        assert "\nOpen https://example.com/tasks in a browser.\n" in server.log


@pytest.mark.usefixtures("data")
def test_port_0_is_any_that_is_free(tmp_path: Path) -> None:
    with serving(DOABLE, "serve", "--port", "0", folder=tmp_path, settings={"DATA_DIR": str(tmp_path / "data")}) as (
        url,
        _,
    ):
        assert httpx.get(f"{url}/readyz").status_code == 200


def test_reads_env_in_the_working_folder(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "# settings\nPORT=0\nDATA_DIR=kept here\nAPI_TITLE='Our tasks'\nSECRET_KEY=\nUNKNOWN=1\n"
    )
    with serving(DOABLE, "serve", folder=tmp_path, settings={"API_TITLE": "The environment's"}) as (url, _):
        # What is in the environment comes before what is in the file.
        assert httpx.get(f"{url}/openapi.json").json()["info"]["title"] == "The environment's"
    assert (tmp_path / "kept here/doable.db").exists()
    with serving(DOABLE, "serve", folder=tmp_path, settings={}) as (url, _):
        assert httpx.get(f"{url}/openapi.json").json()["info"]["title"] == "Our tasks"


@pytest.mark.usefixtures("data", "spawned")
def test_packages_in_the_working_folder_are_not_taken_for_the_products(tmp_path: Path) -> None:
    (tmp_path / "data/doable.db").unlink()  # so that it has to be migrated
    for name in ("alembic", "doable", "secrets"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"raise SystemExit('the wrong {name}')")
    for options in ((), ("--workers", "2")):
        with Server(tmp_path, *options) as server:
            assert httpx.get(f"{server.url}/readyz").status_code == 200


@pytest.mark.usefixtures("data", "spawned")
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_ends_with_exit_code_0(tmp_path: Path, workers: int, sent: signal.Signals) -> None:
    with Server(tmp_path, "--workers", str(workers)) as server:
        with closing(User(server.url)) as user:
            user.new_task()
        processes = children(server)
        assert len(processes) == (2 if workers == 2 else 0)
        # As Ctrl-C does it, to the whole group; SIGTERM goes to one process.
        if sent is signal.SIGINT:
            os.killpg(server.process.pid, sent)
        else:
            server.process.send_signal(sent)
        assert server.process.wait(timeout=30) == 0
        assert "Traceback" not in server.log
        assert "exception" not in server.log
        for process in processes:
            with pytest.raises(ProcessLookupError):
                os.kill(process, 0)


@pytest.mark.usefixtures("data")
def test_ends_with_exit_code_0_when_told_while_it_starts(tmp_path: Path) -> None:
    server = Server(tmp_path)
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [DOABLE, "serve", "--port", "0"], env=environment(**server.settings), cwd=tmp_path, stderr=log
        )
    wait_for(lambda: ADDRESS.search(server.log))
    process.terminate()
    assert process.wait(timeout=30) == 0
    assert "Traceback" not in server.log


@pytest.mark.usefixtures("data", "spawned")
def test_a_worker_that_dies_is_replaced(tmp_path: Path) -> None:
    with Server(tmp_path, "--workers", "2") as server:
        before = children(server)
        os.kill(before[0], signal.SIGKILL)

        def replaced() -> bool | None:
            now = children(server)
            return True if len(now) == 2 and before[0] not in now else None

        assert wait_for(replaced)
        assert httpx.get(f"{server.url}/readyz").status_code == 200


def test_what_it_makes_is_open_to_this_user_alone(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(DOABLE, "serve", "--port", "0", folder=tmp_path, settings={"DATA_DIR": str(data)}, umask=0) as (
        url,
        _,
    ):
        with closing(User(url)) as user:
            user.new_task()
        # Its address is verified by mail.
        assert wait_for(lambda: list((data / "mail").glob("*.eml")) or None)
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [data, *data.rglob("*")]}
    assert {modes.pop("data"), modes.pop("mail")} == {0o700}
    assert {modes.pop(name) for name in list(modes) if name.endswith(".eml")} == {0o600}
    database = {f"doable.db{end}" for end in ("", "-wal", "-shm", ".writing", ".next", ".changed")}
    assert set(modes) == {*database, "secret_key"}
    assert set(modes.values()) == {0o600}


def token_works(server: Server, token: str) -> bool:
    answer = httpx.get(f"{server.url}/api/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


@pytest.mark.usefixtures("data")
def test_a_generated_secret_is_kept(tmp_path: Path) -> None:
    server = Server(tmp_path, SECRET_KEY="")
    with server, closing(User(server.url)) as user:
        token = user.token
    secret = (tmp_path / "data/secret_key").read_bytes()
    assert len(secret) >= 32
    with server:
        assert token_works(server, token)
    assert (tmp_path / "data/secret_key").read_bytes() == secret
    assert secret.decode() not in server.log
    # It is the secret that makes the token valid.
    (tmp_path / "data/secret_key").write_text("another secret, of more than 32 bytes")
    with server:
        assert not token_works(server, token)


def test_a_secret_is_generated_once_by_processes_that_start_together(tmp_path: Path) -> None:
    servers = [
        Server(tmp_path / name, *options, SECRET_KEY="", DATA_DIR=str(tmp_path / "data"))
        for name, *options in (("one", "--workers", "2"), ("two",), ("three",))
    ]
    with ExitStack() as stack:
        with ThreadPoolExecutor(len(servers)) as threads:
            list(threads.map(stack.enter_context, servers))
        with closing(User(servers[0].url)) as user:
            # Several times, so that both workers are asked.
            assert all(token_works(server, user.token) for server in servers * 5)
    assert [path.name for path in (tmp_path / "data").glob("secret_key*")] == ["secret_key"]


def test_processes_that_ask_for_the_secret_at_once_get_the_same(tmp_path: Path) -> None:
    script = (
        "import sys; from doable.settings import Settings; settings = Settings.load(); "
        "print('ready', flush=True); sys.stdin.readline(); print(settings.secret.decode())"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script],
            env=environment(DATA_DIR=str(tmp_path / "data")),
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    secrets = {process.communicate(timeout=30)[0] for process in processes}
    assert secrets == {(tmp_path / "data/secret_key").read_text() + "\n"}
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["secret_key"]


@pytest.mark.usefixtures("data")
def test_better_auth_secret_is_the_secret_too(tmp_path: Path) -> None:
    server = Server(tmp_path, SECRET_KEY="", BETTER_AUTH_SECRET=SECRET)
    with server, closing(User(server.url)) as user:
        token = user.token
    assert not (tmp_path / "data/secret_key").exists()
    with Server(tmp_path) as server:
        assert token_works(server, token)
    # Where both are set it is SECRET_KEY.
    with Server(tmp_path, BETTER_AUTH_SECRET="another secret, of more than 32 bytes") as server:
        assert token_works(server, token)


@pytest.mark.usefixtures("data")
def test_a_user_of_the_command_can_log_in(tmp_path: Path) -> None:
    """Also one who was added while the server was running."""
    with Server(tmp_path) as server:
        added = doable("users", "add", "alice@example.com", cwd=tmp_path, stdin=f"{PASSWORD}\n", **server.settings)
        login = httpx.post(f"{server.url}/api/auth/login", json={"email": "alice@example.com", "password": PASSWORD})
        assert login.json()["user"]["id"] == added.stdout.strip()


def test_reload_starts_again_when_the_code_changes(tmp_path: Path) -> None:
    """On a copy of the code, since the code itself is everybody's."""
    copy = tmp_path / "code/doable"
    shutil.copytree(Path(package.__file__).parent, copy, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "doable", "serve", "--port", "0", "--reload"]
    settings = {"DATA_DIR": str(tmp_path / "data"), "PYTHONPATH": str(copy.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    with serving(*command, folder=tmp_path, settings=settings) as (url, process):

        def version() -> str | None:
            try:
                answer = httpx.get(f"{url}/openapi.json", timeout=5)
            except httpx.TransportError:
                return None
            # It is 503 while the old one ends.
            return answer.json()["info"]["version"] if answer.status_code == 200 else None

        assert wait_for(version) == package.__version__
        (copy / "__init__.py").write_text('"""Changed."""\n\n__version__ = "9.9.9"\n')
        assert wait_for(lambda: version() == "9.9.9" or None)
        process.terminate()
        assert process.wait(timeout=30) == 0


def test_a_signal_that_python_swallows_ends_it_a_little_later() -> None:
    # In a callback of a weak reference, of which each import has some, an exception is printed and no more.
    told = """
import os, signal, sys, weakref
from doable.server import run
run.stop_quietly()
class Held: pass
held = Held()
reference = weakref.ref(held, lambda _: os.kill(os.getpid(), signal.SIGTERM))
del held
print("goes on", flush=True)
run.end_if_told()
print("and on", flush=True)
"""
    ended = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stdout) == (0, "goes on\n")
