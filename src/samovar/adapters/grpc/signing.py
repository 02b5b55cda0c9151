"""Who calls: the `Call` under way, signed by a key that the installation's secret makes for each caller."""

import hashlib
import hmac
import time
from functools import lru_cache
from typing import Any, Final

import msgspec

from samovar.kernel.context import Call
from samovar.kernel.contract import Contract, Method

#: Seconds for which a signed call may be used.
EXPIRY: Final = 30
CALL_KEY: Final = "samovar-call-bin"
SIGNATURE_KEY: Final = "samovar-signature-bin"


class WireCall(msgspec.Struct, frozen=True, kw_only=True):
    """A `Call` under way."""

    actor: int | None
    roles: tuple[str, ...]
    session: int | None
    caller: str
    system: bool
    locale: str
    request_id: str
    trace: str
    idempotency_key: str | None
    address: str
    #: Full method name that this may be used for, and until when (Unix seconds).
    method: str
    expires: int


@lru_cache(64)
def _signer(secret: str, caller: str) -> "hashlib.blake2b":
    """Every caller signs with a key of its own. BLAKE2 takes a key by itself, and a fifth of HMAC's time."""
    key = hmac.digest(secret.encode(), b"samovar internal calls by " + caller.encode(), "sha256")
    return hashlib.blake2b(key=key, digest_size=32)


def _signature(secret: str, caller: str, data: bytes) -> bytes:
    signer = _signer(secret, caller).copy()
    signer.update(data)
    return signer.digest()


def sign_call(secret: str, caller: str, call: Call, method: str) -> tuple[bytes, bytes]:
    """Metadata of an outgoing call, and its signature."""
    wire = WireCall(
        actor=call.actor, roles=call.roles, session=call.session, caller=caller, system=call.system,
        locale=call.locale, request_id=call.request_id, trace=call.trace,
        idempotency_key=call.idempotency_key, address=call.address, method=method,
        expires=int(time.time()) + EXPIRY,
    )  # fmt: skip
    data = msgspec.json.encode(wire)
    return data, _signature(secret, caller, data)


def read_call(secret: str, data: bytes, signature: bytes, method: str, deadline: float | None) -> Call | None:
    """The call in signed metadata, or None when it is forged, stale or for another method."""
    try:
        wire = msgspec.json.decode(data, type=WireCall)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if not hmac.compare_digest(_signature(secret, wire.caller, data), signature):
        return None
    if wire.method != method or wire.expires < time.time():
        return None
    return Call(
        actor=wire.actor, roles=wire.roles, session=wire.session, caller=wire.caller, system=wire.system,
        locale=wire.locale, request_id=wire.request_id, trace=wire.trace, deadline=deadline,
        idempotency_key=wire.idempotency_key, address=wire.address,
    )  # fmt: skip


def path_of(contract: Contract[Any], instance: str, method: Method) -> str:
    """gRPC path; contracts that several serve carry the instance after the service's name."""
    name = "".join(part.capitalize() for part in method.name.split("_"))
    return f"/{contract.name}{f'.{instance}' if instance else ''}/{name}"
