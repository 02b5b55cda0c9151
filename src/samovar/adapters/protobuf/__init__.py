"""Messages to protobuf bytes and back, from the compiled protos beside the contracts.

How messages of a type are written and read is worked out once, at the first of them. Google's
parser does the work on bytes; what costs time is going through fields in Python. Messages are
values, and what lists hold - posts, profiles, relations - is asked for again and again: so an element of
a list is written and read once, and afterwards found by what it is. What stands for a message is
decided by its own value or its own bytes, so it can't be stale.
"""

from typing import Any

from samovar.adapters.protobuf.codec import codec_of
from samovar.kernel.contract import Message

__all__ = ["from_bytes", "to_bytes"]


def to_bytes(message: Message) -> bytes:
    """The message as protobuf. Raises ValueError or TypeError for what protobuf does not hold."""
    return codec_of(type(message)).write(message)


def from_bytes(data: bytes, kind: type[Message]) -> Any:
    """The message of that type. Unknown fields are ignored. Raises ValueError."""
    try:
        return codec_of(kind).read(data)
    except Exception as error:
        raise ValueError(f"not a {kind.__name__}") from error
