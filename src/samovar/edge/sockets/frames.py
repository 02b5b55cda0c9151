"""What goes over a live connection, encoded once for as many as hear the same.

The server's messages are JSON objects told apart by `t`: `hello`, `event` (numbered), `gap`, `told` (of a
channel, not numbered), `heard`, `left`, `here`, `pong`. docs/reference/realtime.md says what each holds.
"""

import struct
from functools import cached_property
from typing import Any, Final

import msgspec

#: Close codes: below 4000 they are the protocol's own.
RESTARTING: Final = 1012
FULL: Final = 1013
MALFORMED: Final = 4400
SIGNED_OUT: Final = 4401
FOREIGN: Final = 4403
NOTHING_HERE: Final = 4404
SLOW: Final = 4408
TOO_MANY: Final = 4429

PING: Final = b"\x89\x00"


class Frames:
    """A message in the shapes that live connections take it in."""

    def __init__(self, text: bytes, number: int = 0) -> None:
        """`text`: the message as JSON; `number`: of a numbered event."""
        self.text = text
        self._number = number

    @cached_property
    def socket(self) -> bytes:
        """A WebSocket frame, whole and unmasked (RFC 6455, 5.2)."""
        return _head(len(self.text)) + self.text

    @cached_property
    def stream(self) -> bytes:
        """An event of an event stream; a numbered one carries its number, which browsers send back."""
        id_line = b"id: %d\n" % self._number if self._number else b""
        return id_line + b"data: " + self.text + b"\n\n"


def _head(length: int) -> bytes:
    if length < 126:
        return bytes((0x81, length))
    if length < 65_536:
        return b"\x81\x7e" + struct.pack("!H", length)
    return b"\x81\x7f" + struct.pack("!Q", length)


def frames(t: str, **fields: Any) -> Frames:
    """A message that is not numbered."""
    return Frames(msgspec.json.encode({"t": t, **fields}))


class Numbered:
    """An event that people get under different numbers: all but the number is encoded once."""

    def __init__(self, type: str, data: str) -> None:
        """`data` is JSON already."""
        self._tail = b',"type":' + msgspec.json.encode(type) + b',"data":' + (data or "null").encode() + b"}"

    def frames(self, number: int) -> Frames:
        """The event as the one whose log has it under that number is told."""
        return Frames(b'{"t":"event","n":%d' % number + self._tail, number)
