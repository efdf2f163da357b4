"""The keys that another issuer publishes (RFC 7517): read over the network, with limits, and never from an address in a token."""

import asyncio
import http.client
import logging
import re
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from pydantic_core import from_json

from doable import __version__, clock
from doable.background import in_thread
from doable.errors import Unauthenticated, Unavailable
from doable.places import aside

logger = logging.getLogger(__name__)

WAIT_SECONDS: Final = 2.0
REFRESH_AFTER: Final = timedelta(minutes=1)
"""How long nobody asks again for an unknown key id."""
AGED_AFTER: Final = timedelta(minutes=10)
"""After this, keys are read again beside the requests, so that a withdrawn one is forgotten."""
RETRY_AFTER: Final = timedelta(seconds=1)
"""How long an issuer that did not answer is left in peace, while none of its keys is known."""
LONG_AGO: Final = timedelta(days=36_500)

TOO_LONG: Final = "it takes longer than 2 seconds"

MAX_BYTES: Final = 256 * 1024
MAX_KEYS: Final = 100
MAX_KEY_ID: Final = 500
# 2048 to 8192 bits, and an exponent that is cheap, all in base64url.
MODULUS: Final = re.compile(r"[\w-]{340,1366}")
EXPONENT: Final = re.compile(r"[\w-]{1,6}")
MIN_MODULUS_BITS: Final = 2048

ALGORITHMS: Final[Mapping[tuple[Any, Any], str]] = {
    ("OKP", "Ed25519"): "EdDSA",
    ("EC", "P-256"): "ES256",
    ("RSA", None): "RS256",
}
"""The algorithm of each kind of key. The header of a token has no say in it."""
PRIVATE: Final = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


@dataclass(frozen=True, slots=True)
class Key:
    """A key, and the one algorithm that it is for."""

    value: Any
    algorithm: str


class IssuerUnreadable(Exception):
    """The keys could not be read; the text says why, in words of Doable's."""


class PublishedKeys:
    """The keys of one issuer. They are read when they are first needed, and kept even if the issuer goes away."""

    def __init__(self, issuer: str, url: str) -> None:
        self._issuer = issuer
        self._url = urlsplit(url)
        # Takes tens of milliseconds, so it is made at the start.
        self._context = ssl.create_default_context() if self._url.scheme == "https" else None
        self._keys: dict[str, Key] | None = None
        self._failed = False
        self._asking = False
        self._asked_at = clock.now() - LONG_AGO
        self._reading: asyncio.Task[None] | None = None

    async def find(self, key_id: str) -> Key:
        """The key with this id.

        Raises Unauthenticated if the issuer has no such key, and Unavailable if it does not answer, so that nobody can know.
        """
        if self._keys is None or key_id not in self._keys:
            await self._read(REFRESH_AFTER if self._keys is not None else RETRY_AFTER)
        elif self._is_due(AGED_AFTER):
            self._start_reading()
        if self._keys is not None and key_id in self._keys:
            return self._keys[key_id]
        is_known = self._keys is not None and self._reading is None and not self._failed
        raise Unauthenticated if is_known else Unavailable

    def _is_due(self, after: timedelta) -> bool:
        # A clock that was set back must not keep anybody waiting.
        return not timedelta(0) <= clock.now() - self._asked_at < after

    async def _read(self, after: timedelta) -> None:
        """Let all callers wait for one answer, for two seconds at most."""
        if self._reading is not None or self._is_due(after):
            await asyncio.wait({self._start_reading()}, timeout=WAIT_SECONDS)

    def _start_reading(self) -> asyncio.Task[None]:
        if self._reading is None:
            self._asked_at = clock.now()
            self._reading = asyncio.create_task(self._read_once(), name="doable-issuer-keys")
        return self._reading

    async def _read_once(self) -> None:
        try:
            self._keys = keys_of(await self._fetch())
        except IssuerUnreadable as error:
            if not self._failed:
                logger.warning("The keys of the issuer %s cannot be read: %s", self._issuer, error)
            self._failed = True
        except Exception:
            logger.exception("The keys of an issuer cannot be read")
            self._failed = True
        else:
            if self._failed:
                logger.warning("The keys of the issuer %s can be read again", self._issuer)
            self._failed = False
        finally:
            self._reading = None

    async def _fetch(self) -> bytes:
        """The answer from the URL. It is given up after two seconds, even if some of it has come."""
        if self._asking:
            # The thread of an earlier try still waits for a name server: one such thread is enough.
            raise IssuerUnreadable(TOO_LONG)
        host, port = self._url.hostname or "", self._url.port
        connection = (
            http.client.HTTPConnection(host, port, timeout=WAIT_SECONDS)
            if self._context is None
            else http.client.HTTPSConnection(host, port, timeout=WAIT_SECONDS, context=self._context)
        )
        target = self._url._replace(scheme="", netloc="").geturl() or "/"

        def ask() -> bytes:
            try:
                return _get(connection, target)
            finally:
                self._asking = False

        self._asking = True
        try:
            with aside():
                async with asyncio.timeout(WAIT_SECONDS):
                    return await in_thread("issuer-keys", ask)
        except TimeoutError:
            raise IssuerUnreadable(TOO_LONG) from None
        except (OSError, http.client.HTTPException) as error:
            raise IssuerUnreadable(type(error).__name__) from None
        finally:
            # A thread cannot be cancelled, but its connection can be shut down.
            if connection.sock is not None:
                with suppress(OSError):
                    connection.sock.shutdown(socket.SHUT_RDWR)


def _get(connection: http.client.HTTPConnection, target: str) -> bytes:
    try:
        # Some servers refuse clients without a name.
        headers = {"Accept": "application/json", "Connection": "close", "User-Agent": f"doable/{__version__}"}
        connection.request("GET", target, headers=headers)
        answer = connection.getresponse()
        if answer.status != http.HTTPStatus.OK:
            # No redirect is followed: the keys come from the address in the settings, or not at all.
            reason = f"it answers {answer.status}"
            raise IssuerUnreadable(reason)
        body = answer.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise IssuerUnreadable("its answer is too large")
        return body
    finally:
        connection.close()


def keys_of(body: bytes) -> dict[str, Key]:
    """The keys of a JWK set that can verify, by their ids. Raises IssuerUnreadable if it is no such set.

    A key whose members contradict its kind is left out, and so are keys that share an id.
    """
    try:
        document = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise IssuerUnreadable("its answer is not JSON") from None
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise IssuerUnreadable("its answer is no set of keys")
    if len(entries) > MAX_KEYS:
        raise IssuerUnreadable("it has too many keys")
    named = [each for each in entries if isinstance(each, dict) and _is_key_id(each.get("kid"))]
    ids = [each["kid"] for each in named]
    found = {each["kid"]: _key(each) for each in named if ids.count(each["kid"]) == 1}
    return {key_id: key for key_id, key in found.items() if key is not None}


def _is_key_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_KEY_ID


def _key(entry: dict[str, Any]) -> Key | None:
    kind = entry.get("kty"), None if entry.get("kty") == "RSA" else entry.get("crv")
    algorithm = ALGORITHMS.get(kind) if all(each is None or isinstance(each, str) for each in kind) else None
    if algorithm is None or not _is_public(entry) or not _is_for(entry, algorithm):
        return None
    import jwt

    try:
        value = jwt.PyJWK(entry, algorithm).key
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    return None if algorithm == "RS256" and value.key_size < MIN_MODULUS_BITS else Key(value, algorithm)


def _is_public(entry: dict[str, Any]) -> bool:
    """Whether it is a public key. A published private key proves nothing: everybody can sign with it."""
    return not PRIVATE & entry.keys()


def _is_for(entry: dict[str, Any], algorithm: str) -> bool:
    operations = entry.get("key_ops", ["verify"])
    return (
        entry.get("alg", algorithm) == algorithm
        and entry.get("use", "sig") == "sig"
        and isinstance(operations, list)
        and "verify" in operations
        and (algorithm != "RS256" or (_matches(MODULUS, entry.get("n")) and _matches(EXPONENT, entry.get("e"))))
    )


def _matches(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
