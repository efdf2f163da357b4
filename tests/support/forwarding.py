"""A port that leads to another, from the moment when somebody listens on it."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer


@contextmanager
def forwarding(port: int, to: int) -> Iterator[None]:
    """While it lasts, each connection to this port of 127.0.0.1 leads to the other."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", to)) as other, suppress(OSError):
                while True:
                    ready, _, _ = select.select([self.request, other], [], [])
                    for end in ready:
                        data = end.recv(65536)
                        if not data:
                            return
                        (other if end is self.request else self.request).sendall(data)

    class Forwarder(ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Forwarder(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), name="forwarding")
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join(timeout=10)
