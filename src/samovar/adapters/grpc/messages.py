"""What travels on a line: lists of calls one way, lists of answers the other."""

import enum
from typing import Final, NamedTuple

import msgspec

#: The method of a line.
LINE_SERVICE: Final = "samovar.Line"
LINE_PATH: Final = f"/{LINE_SERVICE}/Talk"
ERROR_KEY: Final = "samovar-error-bin"
#: Largest request and answer, in bytes.
LARGEST: Final = 14 << 20
MESSAGE_OPTIONS: Final = (
    ("grpc.max_receive_message_length", 16 << 20),
    ("grpc.max_send_message_length", 16 << 20),
)


class Outcome(enum.IntEnum):
    """How a call went."""

    OK = 0
    #: An error that the contract knows; `data` holds it.
    ERROR = 1
    #: Not signed, or not for this caller; `data` says so. It was not carried out.
    REFUSED = 2
    #: Too much is under way here. It was not carried out.
    BUSY = 3
    #: The deadline passed.
    LATE = 4
    #: Nobody's answer: the process ends, no more calls are to come.
    CLOSING = 5


class Request(NamedTuple):
    """A call, whichever way it goes."""

    path: str
    call: bytes
    signature: bytes
    data: bytes


class Ask(msgspec.Struct, frozen=True, array_like=True):
    """One call under way."""

    id: int
    #: For which an answer is of use.
    seconds: float
    path: str
    call: bytes
    signature: bytes
    data: bytes


#: Asks for a sign of life: it is answered by the line itself.
PING: Final = Ask(0, 0, "", b"", b"", b"")


class Answer(msgspec.Struct, frozen=True, array_like=True):
    """What came of it."""

    id: int
    outcome: Outcome
    data: bytes = b""


encode: Final = msgspec.msgpack.Encoder().encode
read_asks: Final = msgspec.msgpack.Decoder(list[Ask]).decode
read_answers: Final = msgspec.msgpack.Decoder(list[Answer]).decode
