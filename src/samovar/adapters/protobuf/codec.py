"""The codec of one message type: worked out at the first message of it."""

from functools import cache
from typing import Any, Final

import msgspec
from google.protobuf import message_factory

from samovar.adapters.protobuf.fields import Field, descriptor_of, holds_maps
from samovar.adapters.protobuf.pieces import after, read_varint, varint
from samovar.kernel.contract import Message
from samovar.kernel.memo import make_room

#: Elements of lists remembered for each type, and the longest that is, in bytes.
KEPT: Final = 4000
KEPT_BYTES: Final = 4000


class MessageCodec:
    """How messages of one type are written and read."""

    def __init__(self, kind: type[Message]) -> None:
        descriptor = descriptor_of(kind)
        annotations = {field.name: field.type for field in msgspec.structs.fields(kind)}
        self._kind = kind
        self._class = message_factory.GetMessageClass(descriptor)
        fields = [(field, Field(field, annotations[field.name], codec_of)) for field in descriptor.fields]
        self._by_descriptor = {field: (made.name, made.take) for field, made in fields}
        self._fields = [made for _, made in fields]
        self._lists = [made for made in self._fields if made.element is not None]
        self._rest = [made for made in self._fields if made.element is None]
        self._list_by_tag = {made.tag[0]: made for made in self._lists if len(made.tag) == 1}
        self._written: dict[Message | bytes, bytes] = {}
        self._read: dict[bytes, Any] = {}
        self._holds_maps = holds_maps(kind)

    def values(self, message: Message) -> dict[str, Any]:
        """The fields that are set, as Google's class takes them."""
        return _values(message, self._fields)

    def write(self, message: Message) -> bytes:
        """The bytes of a message."""
        data: bytes = self._class(**_values(message, self._rest)).SerializeToString()
        if not self._lists:
            return data
        parts = [data]
        for field in self._lists:
            element = codec_of(field.element)
            for value in getattr(message, field.name):
                parts.append(field.tag)
                parts.append(element.framed(value))
        return b"".join(parts)

    def framed(self, message: Message) -> bytes:
        """The bytes of a list's element, behind their length."""
        # What holds a mapping has no hash; its JSON is made ten times faster than its protobuf.
        key = msgspec.json.encode(message) if self._holds_maps else message
        framed = self._written.get(key)
        if framed is None:
            data = self.write(message)
            framed = varint(len(data)) + data
            if len(data) <= KEPT_BYTES:
                make_room(self._written, KEPT)
                self._written[key] = framed
        return framed

    def read(self, data: bytes) -> Any:
        """The message in some bytes."""
        if not self._list_by_tag:
            return self.taken(self._class.FromString(data))
        rest = b""
        lists: dict[str, list[Any]] = {}
        at, end = 0, len(data)
        while at < end:
            field = self._list_by_tag.get(data[at])
            if field is None:
                start, at = at, after(data, at)
                rest += data[start:at]
                continue
            length = data[at + 1]
            if length < 0x80:
                at += 2
            else:
                length, at = read_varint(data, at + 1)
            if at + length > end:
                raise ValueError("cut short")
            lists.setdefault(field.name, []).append(codec_of(field.element).element(data[at : at + length]))
            at += length
        values = self._taken(self._class.FromString(rest)) if rest else {}
        for name, items in lists.items():
            values[name] = tuple(items)
        return self._kind(**values)

    def element(self, data: bytes) -> Any:
        """The element of a list in some bytes: the same object for the same bytes."""
        message = self._read.get(data)
        if message is None:
            message = self.taken(self._class.FromString(data))
            if len(data) <= KEPT_BYTES:
                make_room(self._read, KEPT)
                self._read[data] = message
        return message

    def taken(self, parsed: Any) -> Any:
        """Our message out of Google's."""
        return self._kind(**self._taken(parsed))

    def _taken(self, parsed: Any) -> dict[str, Any]:
        values = {}
        known = self._by_descriptor
        for field, value in parsed.ListFields():
            name, take = known[field]
            values[name] = value if take is None else take(value)
        return values


def _values(message: Message, fields: list[Field]) -> dict[str, Any]:
    values = {}
    for field in fields:
        value = getattr(message, field.name)
        if value or (field.presence and value is not None):
            values[field.name] = value if field.put is None else field.put(value)
    return values


@cache
def codec_of(kind: type[Message]) -> MessageCodec:
    """The codec of a type."""
    return MessageCodec(kind)
