"""An issuer of the tests: a real HTTP server that publishes its keys, and signs whatever a test wants signed.

The tokens are made from the RFCs alone, without a line of the product's or its library's.
"""

import base64
import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import httpx
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

from support.users import TLS, User

ABSENT = object()
JWKS_PATH = "/api/auth/jwks"

SHARED_SECRET = b"a secret of an issuer's, of more than 32 bytes"
SHARING = {"issuer": "https://hs.example", "audience": "tasks", "secret": SHARED_SECRET.decode()}
"""How an issuer is named in TRUSTED_ISSUERS that signs with a secret. It needs no server: every test's server trusts it."""


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def number(value: int, size: int | None = None) -> str:
    return base64url(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def part(value: Any) -> str:
    return base64url(json.dumps(value).encode())


class SigningKey:
    """One key pair, its JWK (RFC 7517) and its signatures (RFC 7518)."""

    algorithm: str
    public: dict[str, Any]

    def __init__(self, key_id: str) -> None:
        self.key_id = key_id

    @property
    def jwk(self) -> dict[str, Any]:
        return {"kid": self.key_id, "alg": self.algorithm, **self.public}

    def sign(self, content: bytes) -> bytes:
        raise NotImplementedError


class EdDSA(SigningKey):
    algorithm = "EdDSA"

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self.private = ed25519.Ed25519PrivateKey.generate()
        self.public = {"kty": "OKP", "crv": "Ed25519", "x": base64url(self.private.public_key().public_bytes_raw())}

    def sign(self, content: bytes) -> bytes:
        return self.private.sign(content)


class ES256(SigningKey):
    algorithm = "ES256"

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self.private = ec.generate_private_key(ec.SECP256R1())
        numbers = self.private.public_key().public_numbers()
        self.public = {"kty": "EC", "crv": "P-256", "x": number(numbers.x, 32), "y": number(numbers.y, 32)}

    def sign(self, content: bytes) -> bytes:
        r, s = utils.decode_dss_signature(self.private.sign(content, ec.ECDSA(SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class RS256(SigningKey):
    algorithm = "RS256"

    def __init__(self, key_id: str, bits: int = 2048) -> None:
        super().__init__(key_id)
        self.private = rsa.generate_private_key(65537, bits)
        numbers = self.private.public_key().public_numbers()
        self.public = {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}

    def sign(self, content: bytes) -> bytes:
        return self.private.sign(content, padding.PKCS1v15(), SHA256())


class HS256(SigningKey):
    algorithm = "HS256"

    def __init__(self, key_id: str, secret: bytes) -> None:
        super().__init__(key_id)
        self.secret = secret
        self.public = {"kty": "oct", "k": base64url(secret)}

    def sign(self, content: bytes) -> bytes:
        return hmac.digest(self.secret, content, hashlib.sha256)


def signed(key: SigningKey, header: dict[str, Any], claims: dict[str, Any] | bytes) -> str:
    """A token (RFC 7515, section 5.1)."""
    payload = base64url(claims) if isinstance(claims, bytes) else part(claims)
    content = f"{part(header)}.{payload}"
    return f"{content}.{base64url(key.sign(content.encode()))}"


def changed(original: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**original, **changes}.items() if value is not ABSENT}


Respond = Callable[[BaseHTTPRequestHandler], None]


class Issuer:
    """Publishes `keys` on a port of its own, counts how often it is asked, and answers what `respond` says instead."""

    def __init__(self, *keys: SigningKey) -> None:
        self.keys: list[Any] = [key.jwk for key in keys]
        self.key = keys[0] if keys else EdDSA("the key")
        self.asked = 0
        # Of the clock of those who are shown its tokens.
        self.ahead = 0.0
        self.respond: Respond = self.publish
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer.asked += 1
                issuer.respond(self)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
                del format, args

        self._handler = Handler
        self._server = self._serve(0)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.audience = self.url

    def _serve(self, port: int) -> ThreadingHTTPServer:
        server = ThreadingHTTPServer(("127.0.0.1", port), self._handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return server

    @property
    def entry(self) -> dict[str, str]:
        """How it is named in TRUSTED_ISSUERS."""
        return {"issuer": self.url, "audience": self.audience, "jwks_url": f"{self.url}{JWKS_PATH}"}

    def publish(self, request: BaseHTTPRequestHandler) -> None:
        answer(request, json.dumps({"keys": self.keys}).encode())

    def stop(self) -> None:
        """From now on, nobody answers on its port."""
        self._server.shutdown()
        self._server.server_close()

    def start_again(self) -> None:
        self._server = self._serve(self._server.server_port)

    def claims(self, subject: Any, **changes: Any) -> dict[str, Any]:
        now = int(time.time() + self.ahead)
        claims = {"iss": self.url, "aud": self.audience, "sub": subject, "iat": now, "exp": now + 900}
        return changed(claims, changes)

    def token(
        self, subject: Any, *, key: SigningKey | None = None, header: dict[str, Any] | None = None, **changes: Any
    ) -> str:
        """A token of this issuer's for this subject, with these changes."""
        key = key or self.key
        head = changed({"alg": key.algorithm, "kid": key.key_id}, header or {})
        return signed(key, head, self.claims(subject, **changes))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def answer(request: BaseHTTPRequestHandler, body: bytes, status: int = 200, **headers: str) -> None:
    request.send_response(status)
    for name, value in {"Content-Type": "application/json", "Content-Length": str(len(body)), **headers}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


def shared_token(subject: str, **changes: Any) -> str:
    """A token of the issuer that signs with a secret."""
    now = int(time.time())
    claims = {"iss": SHARING["issuer"], "aud": SHARING["audience"], "sub": subject, "iat": now, "exp": now + 900}
    return signed(HS256("any", SHARED_SECRET), {"alg": "HS256"}, {**claims, **changes})


class IssuersUser(User):
    """A client with a log-in of that issuer's. `tasks` has the name in it that the issuer has for the user."""

    def __init__(self, base_url: str, subject: str | None = None) -> None:
        httpx.Client.__init__(self, base_url=base_url, timeout=30, verify=TLS)
        self.subject = subject or uuid.uuid4().hex
        self.token = shared_token(self.subject)
        self.headers["Authorization"] = f"Bearer {self.token}"
        self.id = self.get("/api/auth/me").json()["id"]
        self.tasks = f"/api/{self.subject}/tasks"
