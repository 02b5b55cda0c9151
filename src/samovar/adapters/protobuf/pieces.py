"""Protobuf's bytes, as far as lists are taken apart without Google's parser."""

from collections.abc import Iterator, Mapping
from typing import Final, TypeVar

F = TypeVar("F")
LENGTH_DELIMITED: Final = 2


def pieces(data: bytes, lists: Mapping[int, F]) -> Iterator[tuple[F | None, int, int]]:
    """The fields on the top level: elements of lists without their tags, all else as it stands."""
    at, end = 0, len(data)
    while at < end:
        start, first = at, data[at]
        field = lists.get(first)
        if field is None:
            at = _after(data, at)
            yield None, start, at
        else:
            length, at = _read_varint(data, at + 1)
            if at + length > end:
                raise ValueError("cut short")
            yield field, at, at + length
            at += length


def _after(data: bytes, at: int) -> int:
    """Where the field ends that begins there."""
    tag, at = _read_varint(data, at)
    match tag & 7:
        case 0:
            return _read_varint(data, at)[1]
        case 1:
            return at + 8
        case 2:
            length, at = _read_varint(data, at)
            return at + length
        case 5:
            return at + 4
    raise ValueError("no such wire type")


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def varint(value: int) -> bytes:
    """A number as protobuf writes lengths and tags."""
    parts = bytearray()
    while value >= 0x80:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)
