"""Makes of a message what a push service takes: encrypted for one browser (RFC 8291), signed for one service (RFC 8292)."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Final

from pydantic_core import to_json

from doable import clock
from doable.accounts import keys
from doable.push.endpoints import Endpoint

LASTS: Final = timedelta(hours=24)
"""How long a service keeps a message for a browser that is not reached."""
TOKENS_LAST: Final = timedelta(hours=12)
"""At most 24 hours are allowed, and the service's clock may be another."""

# The order of the group of P-256 (SEC 2, section 2.4.2). Private keys are from 1 to this, without it.
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass(frozen=True, slots=True)
class Subscription:
    """Where one browser is, and what is needed to write to it."""

    endpoint: str
    p256dh: str
    auth: str
    server_key: str
    """The public key that it was made for. A service refuses messages that another one signs."""


@dataclass(frozen=True, slots=True)
class Message:
    """What a browser is told."""

    kind: str
    notification_id: str
    task_id: str
    title: str
    remind_at: str
    """An instant, as everywhere on the wire."""

    @property
    def topic(self) -> str:
        """A service keeps one message of a topic: one that comes twice is shown once. At most 32 characters (RFC 8030, 5.4)."""
        return self.notification_id.replace("-", "")

    @property
    def body(self) -> bytes:
        """As the browser's service worker gets it."""
        return to_json(
            {
                "kind": self.kind,
                "notification_id": self.notification_id,
                "task_id": self.task_id,
                "title": self.title,
                "remind_at": self.remind_at,
            }
        )


class ServerKey:
    """A key pair by which push services know this server (VAPID), and messages that are signed with it."""

    def __init__(self, secret: bytes, contact: str) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        number = int.from_bytes(keys.derive(secret, keys.PUSH)) % (_ORDER - 1) + 1
        self._private = ec.derive_private_key(number, ec.SECP256R1())
        self._contact = contact
        point = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public = base64url(point)

    def seal(self, message: Message, subscription: Subscription, endpoint: Endpoint) -> tuple[dict[str, str], bytes]:
        """The headers and the body of the request. Blocks for a millisecond."""
        from webpush import WebPushSubscription

        browser = WebPushSubscription(
            endpoint=subscription.endpoint, keys={"p256dh": subscription.p256dh, "auth": subscription.auth}
        )
        sealed = self._sealer.get(message.body, browser)
        headers = {
            "Authorization": f"vapid t={self._token(endpoint)}, k={self.public}",
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(LASTS.total_seconds())),
            "Topic": message.topic,
            # A reminder that comes when the phone is next picked up has come too late.
            "Urgency": "high",
        }
        return headers, sealed.encrypted

    @cached_property
    def _sealer(self) -> Any:
        from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
        from webpush import WebPush

        private = self._private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        public = self._private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return WebPush(private, public, subscriber=self._contact)

    def _token(self, endpoint: Endpoint) -> str:
        import jwt

        # Not the package's, which leaves the port out of `aud`.
        expires_at = clock.now() + TOKENS_LAST
        claims = {"aud": endpoint.origin, "exp": int(expires_at.timestamp()), "sub": self._contact}
        return jwt.encode(claims, self._private, algorithm="ES256")


class ServerKeys:
    """The key that new subscriptions are made for, and those of earlier secrets, for subscriptions that are older.

    They are made when the first is asked for, which for most servers is never.
    """

    def __init__(self, secrets: Sequence[bytes], contact: str) -> None:
        self._secrets = secrets
        self._contact = contact

    @cached_property
    def _by_public(self) -> dict[str, ServerKey]:
        return {key.public: key for key in (ServerKey(secret, self._contact) for secret in self._secrets)}

    @property
    def present(self) -> ServerKey:
        """The key pair that is made of the present secret."""
        return next(iter(self._by_public.values()))

    def find(self, public: str) -> ServerKey | None:
        """The key pair of this public key. None if its secret is neither the present one nor among the previous ones."""
        return self._by_public.get(public)


def base64url(content: bytes) -> str:
    """Without padding (RFC 7515, section 2), as browsers write keys."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
