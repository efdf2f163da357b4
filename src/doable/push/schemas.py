"""Push subscriptions as they go over the wire."""

import base64
import re
from typing import Annotated, Final

from pydantic import AfterValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from doable.http.schemas import Input, Instant, Output
from doable.push.sealing import base64url

POINT: Final = "^[A-Za-z0-9_-]{87}=?$"
AUTH: Final = "^[A-Za-z0-9_-]{22}(==)?$"
_ENDPOINT: Final = "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABn"
_P256DH: Final = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
_AUTH: Final = "BTBZMqHH6r4Tts7J_aSIgg"


def _bytes_of(text: str, pattern: str) -> bytes:
    """What this is in base64url, with padding or without. Raises a problem in place of Python's, which passes over what it does not know."""
    if not re.fullmatch(pattern[1:-1], text, re.ASCII):
        raise _invalid()
    return base64.urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))


def _invalid() -> PydanticCustomError:
    kind, message = "push_key_not_valid", "must be a key as PushSubscription.toJSON() has it, in base64url"
    return PydanticCustomError(kind, message)


def _point(text: str) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec

    content = _bytes_of(text, POINT)
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), content)
    except ValueError:
        raise _invalid() from None
    return base64url(content)


def _secret(text: str) -> str:
    return base64url(_bytes_of(text, AUTH))


class PushKeys(Input):
    """What is needed to write to the browser so that nobody else can read it (RFC 8291)."""

    p256dh: Annotated[str, AfterValidator(_point)] = Field(
        description="Its public key: a point of P-256, 65 bytes in base64url.",
        examples=[_P256DH],
        json_schema_extra={"pattern": POINT},
    )
    auth: Annotated[str, AfterValidator(_secret)] = Field(
        description="Its secret: 16 bytes in base64url.",
        examples=[_AUTH],
        json_schema_extra={"pattern": AUTH},
    )


class PushSubscriptionCreate(Input):
    """A subscription as a browser's `PushSubscription.toJSON()` has it."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"endpoint": _ENDPOINT, "keys": {"p256dh": _P256DH, "auth": _AUTH}}]}
    )

    endpoint: str = Field(
        description="Where the browser's push service takes messages for it: at a host that the server sends to, at most 2,000 "
        "characters.",
        examples=[_ENDPOINT],
    )
    keys: PushKeys
    expiration_time: float | None = Field(
        default=None,
        alias="expirationTime",
        description="Taken and passed over: the service says when a subscription has ended.",
        examples=[None],
    )


class PushSubscriptionRead(Output):
    """A browser that is told. Its endpoint and keys are not shown again."""

    id: str = Field(json_schema_extra={"format": "uuid"}, examples=["f7b1c0de-3c1f-4a0b-9f0e-2f5f8f9f0a11"])
    created_at: Instant


class PushSubscriptionsRead(Output):
    """All of your push subscriptions, the oldest first; at most 20."""

    subscriptions: list[PushSubscriptionRead]


class PushRead(Output):
    """What a browser needs to subscribe."""

    public_key: str = Field(
        description="For `applicationServerKey` of `PushManager.subscribe()`.",
        examples=["BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM"],
    )
