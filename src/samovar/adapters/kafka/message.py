"""An event as a message of Kafka: CloudEvents 1.0 in binary mode.

The value is the event's JSON, the key what events are ordered by; all else stands in headers, of
which those that begin with `ce_` are CloudEvents' attributes.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from samovar.kernel.bus import UNREADABLE, Unreadable
from samovar.kernel.outbox import Envelope

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_FIXED: Final = (("content-type", b"application/json"), ("ce_specversion", b"1.0"))

Headers = Sequence[tuple[str, bytes]]


def headers_of(envelope: Envelope) -> Headers:
    """What stands in a message beside its key and its value."""
    time = (_EPOCH + timedelta(microseconds=envelope.time)).isoformat(timespec="microseconds")
    headers = [
        *_FIXED,
        ("ce_id", str(envelope.id).encode()),
        ("ce_source", envelope.source.encode()),
        ("ce_type", envelope.type.encode()),
        ("ce_time", time.encode()),
        ("ce_partitionkey", envelope.key.encode()),
        ("ce_samovarversion", str(envelope.version).encode()),
    ]
    if envelope.request_id:
        headers.append(("ce_samovarrequest", envelope.request_id.encode()))
    if envelope.trace:
        headers.append(("traceparent", envelope.trace.encode()))
    return headers


def type_of(record: Any) -> str:
    """The type of the event in a message; empty when it does not say, or not in text."""
    for name, value in record.headers:
        if name == "ce_type":
            try:
                return value.decode() if value else ""
            except UnicodeDecodeError:
                return ""
    return ""


def envelope_of(record: Any) -> Envelope:
    """The event in a message. Raises ValueError that says why there is none."""
    headers = dict(record.headers)
    try:
        texts = {name: headers[name].decode() for name in ("ce_source", "ce_type", "ce_time")}
        optional = {name: headers.get(name, b"").decode() for name in ("ce_samovarrequest", "traceparent")}
        key, payload = record.key.decode(), record.value.decode()
        id_, version = int(headers["ce_id"]), int(headers["ce_samovarversion"])
        time = (datetime.fromisoformat(texts["ce_time"]) - _EPOCH) // _MICROSECOND
    except KeyError as error:
        raise ValueError(f"the header {error.args[0]} is missing") from None
    except (AttributeError, TypeError):
        raise ValueError("the key, the value, a header or the zone of the time is missing") from None
    if not 0 < id_ < 1 << 63 or not 0 <= version < 1 << 63:
        raise ValueError("a number is out of range")
    # No JSON holds one, and PostgreSQL stores none.
    if "\0" in payload or "\0" in key or any("\0" in text for text in (*texts.values(), *optional.values())):
        raise ValueError("there is a NUL character in it")
    return Envelope(
        id=id_, type=texts["ce_type"], source=texts["ce_source"], key=key, version=version, time=time,
        payload=payload, request_id=optional["ce_samovarrequest"], trace=optional["traceparent"],
    )  # fmt: skip


def stand_in(record: Any, reason: str) -> Envelope:
    """What is handed over in place of a message that can't be read."""
    place = f"{record.topic}/{record.partition}/{record.offset}"
    # The same one for the same message, so that it is recorded once; ids of events are never negative.
    digest = hashlib.sha256(f"{place}@{record.timestamp}".encode()).digest()
    value = Unreadable(
        reason=reason,
        place=place,
        headers={name: _shown(value) for name, value in record.headers},
        value=_shown(record.value),
    )
    return Envelope(
        id=-1 - (int.from_bytes(digest[:8], "big") >> 1), type=UNREADABLE, source=record.topic, key=place,
        version=0, time=record.timestamp * 1000, payload=msgspec.json.encode(value).decode(),
    )  # fmt: skip


def _shown(value: bytes | None) -> str:
    return "" if value is None else value.decode(errors="backslashreplace")
