"""Protobuf's bytes, as far as lists are taken apart without Google's parser."""

from typing import Final

LENGTH_DELIMITED: Final = 2


def after(data: bytes, at: int) -> int:
    """Where the field ends that begins there."""
    tag, at = read_varint(data, at)
    match tag & 7:
        case 0:
            return read_varint(data, at)[1]
        case 1:
            return at + 8
        case 2:
            length, at = read_varint(data, at)
            return at + length
        case 5:
            return at + 4
    raise ValueError("no such wire type")


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """A number, and where it ends."""
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
