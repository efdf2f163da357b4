"""A push service of the tests', and the browsers that have subscribed there.

What it gets is decrypted, and its sender known, by the RFCs alone, without a line of the product's or its package's.
"""

import base64
import json
import ssl
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from support.issuers import base64url


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@dataclass
class Request:
    """What the service was sent."""

    path: str
    headers: dict[str, str]
    body: bytes


class Browser:
    """One that has subscribed at this endpoint, with keys of its own."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._point = point_of(self._private.public_key())
        self._auth = uuid.uuid4().bytes
        self.keys = {"p256dh": base64url(self._point), "auth": base64url(self._auth)}
        self.subscription: dict[str, Any] = {"endpoint": endpoint, "expirationTime": None, "keys": self.keys}
        """As its `toJSON()` has it."""

    def decrypt(self, body: bytes) -> Any:
        """The message in a body of RFC 8291, section 4: one record, the last."""
        salt, record_size, length = body[:16], int.from_bytes(body[16:20], "big"), body[20]
        sender, record = body[21 : 21 + length], body[21 + length :]
        assert len(sender) == 65
        assert len(record) <= record_size
        assert len(body) <= 4096
        shared = self._private.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        key = _derived(shared, self._auth, b"WebPush: info\x00" + self._point + sender, 32)
        content_key = _derived(key, salt, b"Content-Encoding: aes128gcm\x00", 16)
        nonce = _derived(key, salt, b"Content-Encoding: nonce\x00", 12)
        content, delimiter, padding = AESGCM(content_key).decrypt(nonce, record, None).rpartition(b"\x02")
        assert delimiter
        assert not padding.strip(b"\x00")
        return json.loads(content)


def _derived(key: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(key)


def claims_of(authorization: str, public_key: str) -> dict[str, Any]:
    """The claims of a token that this key has signed (RFC 8292, section 3)."""
    scheme, _, parameters = authorization.partition(" ")
    assert scheme == "vapid"
    named = dict(each.strip().split("=", 1) for each in parameters.split(","))
    assert named.keys() == {"t", "k"}
    assert named["k"] == public_key
    header, claims, signature = named["t"].split(".")
    assert json.loads(bytes_of(header)) == {"typ": "JWT", "alg": "ES256"}
    r, s = bytes_of(signature)[:32], bytes_of(signature)[32:]
    encoded = utils.encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(public_key))
    key.verify(encoded, f"{header}.{claims}".encode(), ec.ECDSA(SHA256()))
    found: dict[str, Any] = json.loads(bytes_of(claims))
    return found


class PushService:
    """Takes messages on a port of its own, and answers what `respond` says."""

    def __init__(self, context: ssl.SSLContext | None = None, address: str = "127.0.0.1") -> None:
        self.requests: Queue[Request] = Queue()
        self.status = 201
        self.headers: dict[str, str] = {}
        self.respond: Callable[[BaseHTTPRequestHandler], None] = self.answer
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                service.requests.put(Request(self.path, dict(self.headers), self.rfile.read(length)))
                service.respond(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
                del format, args

        self._server = ThreadingHTTPServer((address, 0), Handler)
        self._server.daemon_threads = True
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self.host = f"{address}:{self.port}"
        """As PUSH_HOSTS names it."""
        self.url = f"{'http' if context is None else 'https'}://{self.host}"

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(self.status)
        for name, value in {"Content-Length": "0", **self.headers}.items():
            handler.send_header(name, value)
        handler.end_headers()

    def browser(self) -> Browser:
        """A new one."""
        return Browser(f"{self.url}/wp/{uuid.uuid4()}?v=1")

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
