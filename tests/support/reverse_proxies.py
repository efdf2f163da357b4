"""Real proxies in front of Doable, with the configurations of `examples/proxies/`."""

import os
import re
import shutil
import signal
import ssl
import subprocess
import time
from collections.abc import Container, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import httpx
import pytest

from support.certificates import self_signed
from support.ports import free_port
from support.server import environment

EXAMPLES: Final = Path(__file__).parents[2] / "examples" / "proxies"
PATH: Final = f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"
SUFFIXES: Final = {"certificate": r"\.pem", "key": r"\.key"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A program, and what a test has to change in its example. The texts may name `{folder}`, `{port}`, `{certificate}`, `{key}`."""

    program: str
    arguments: tuple[str, ...]
    """Before the name of the file."""
    address: tuple[str, str]
    """Where the example listens, and what stands for it in a test."""
    around: str = "{example}"
    """The whole configuration, with the example in it."""
    path: str = ""
    """The path under which Doable is."""


NGINX: Final = """
daemon off; master_process off; pid {folder}/pid; {user}
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {example}
}}
"""
CADDY: Final = "{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{example}"
MODULES: Final = (
    "mpm_event authz_core ssl http2 proxy proxy_http proxy_balancer proxy_hcheck lbmethod_bybusyness "
    "slotmem_shm socache_shmcb deflate filter"
)
APACHE: Final = "\n".join(
    [
        "ServerRoot {folder}",
        "DefaultRuntimeDir {folder}",
        "PidFile {folder}/pid",
        "ErrorLog {folder}/proxy.log",
        "ServerName 127.0.0.1",
        "Listen 127.0.0.1:{port}",
        *(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so" for name in MODULES.split()),
        "{user}",
        "{example}",
    ]
)
KINDS: Final[Mapping[str, Kind]] = {
    "nginx.conf": Kind(
        "nginx",
        ("-e", "stderr", "-p", "{folder}", "-c"),
        ("listen 443 ssl", "listen 127.0.0.1:{port} ssl"),
        NGINX,
    ),
    "nginx-sub-path.conf": Kind(
        "nginx",
        ("-e", "stderr", "-p", "{folder}", "-c"),
        ("listen 443 ssl", "listen 127.0.0.1:{port} ssl"),
        NGINX,
        "/tasks",
    ),
    "haproxy.cfg": Kind("haproxy", ("-db", "-f"), ("bind :443 ssl", "bind 127.0.0.1:{port} ssl")),
    "Caddyfile": Kind(
        "caddy",
        ("run", "--adapter", "caddyfile", "--config"),
        ("tasks.example.com {", "https://127.0.0.1:{port} {{\n\ttls {certificate} {key}"),
        CADDY,
    ),
    "apache.conf": Kind(
        "apache2",
        ("-DFOREGROUND", "-f"),
        ("<VirtualHost *:443>", "<VirtualHost 127.0.0.1:{port}>"),
        APACHE,
    ),
}
# As root they would serve as a user who cannot reach the folder of a test; Apache insists.
USERS: Final = {"nginx": "user root;", "apache2": "User nobody\nGroup nogroup"} if os.geteuid() == 0 else {}


def needs(example: str) -> pytest.MarkDecorator:
    """Skip without the program, and be loud about what was left out."""
    program = KINDS[example].program
    missing = shutil.which(program, path=PATH) is None
    return pytest.mark.skipif(
        missing, reason=f"NO {program.upper()}: Doable NOT tested behind it. Install Debian's package."
    )


class ReverseProxy:
    """A proxy on a port of its own, with TLS, before these ports of Doable. To be used by `with`."""

    def __init__(self, example: str, folder: Path, *upstreams: int) -> None:
        self.kind = KINDS[example]
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}{self.kind.path}"
        _, self.certificate = self_signed(folder)
        with self.certificate.open("a") as both:  # HAProxy wants the key there too
            both.write((folder / "key.pem").read_text())
        self.tls = ssl.create_default_context(cafile=self.certificate)
        self.path = folder / example
        self.path.write_text(self._configuration(upstreams))
        self.log_path = folder / "proxy.log"

    def client(self, **settings: object) -> httpx.Client:
        """A client of the proxy, which trusts its certificate."""
        return httpx.Client(base_url=self.url, verify=self.tls, timeout=30, **settings)  # type: ignore[arg-type]

    def curl(self, *arguments: str, stdin: bytes = b"", ends: Container[int] = (0,)) -> str:
        """What curl prints. It must end with one of these exit codes."""
        done = subprocess.run(
            ["curl", "-sS", "--max-time", "30", "--cacert", str(self.certificate), *arguments],
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode in ends, done.stderr.decode()
        return done.stdout.decode()

    def __enter__(self) -> Self:
        arguments = [each.format(folder=self.folder) for each in self.kind.arguments]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [self.kind.program, *arguments, str(self.path)],
                env=environment(PATH=PATH, XDG_DATA_HOME=str(self.folder), XDG_CONFIG_HOME=str(self.folder)),
                cwd=self.folder,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        deadline = time.monotonic() + 30
        with self.client() as client:
            while not _is_answered(client):
                assert self.process.poll() is None, self.log_path.read_text()
                assert time.monotonic() < deadline, self.log_path.read_text()
                time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        # Told to stop, Apache would wait ten seconds for streams whose clients have gone.
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=30)

    def _configuration(self, upstreams: tuple[int, ...]) -> str:
        own = {
            "folder": self.folder,
            "port": self.port,
            "certificate": self.certificate,
            "key": self.folder / "key.pem",
        }
        old, new = self.kind.address
        example = _replaced((EXAMPLES / self.path.name).read_text(), old, new.format(**own))
        for number, upstream in enumerate(upstreams):
            example = _replaced(example, f"127.0.0.1:{8000 + number}", f"127.0.0.1:{upstream}")
        for name in ("certificate", "key"):
            example = re.sub(rf"/etc/ssl/[a-z.]+{SUFFIXES[name]}", str(own[name]), example)
        # More than the examples do, since others do it: events are compressed too.
        example = example.replace(" text/javascript", " text/javascript text/event-stream")
        return self.kind.around.format(example=example, user=USERS.get(self.kind.program, ""), **own)


def _replaced(text: str, old: str, new: str) -> str:
    assert old in text, f"The example has no {old}"
    return text.replace(old, new)


def _is_answered(client: httpx.Client) -> bool:
    try:
        return client.get("/livez").status_code == 200
    except httpx.TransportError:
        return False
