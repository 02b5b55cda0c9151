"""Fields of messages as the compiled protos describe them, and how their values go in and out."""

import enum
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, Protocol

import msgspec
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from samovar.adapters.protobuf.pieces import LENGTH_DELIMITED, varint
from samovar.kernel.contract import Message


class Codec(Protocol):
    """What a field of messages asks of the codec of theirs."""

    def values(self, message: Message) -> dict[str, Any]:
        """The fields that are set, as Google's class takes them."""
        ...

    def taken(self, parsed: Any) -> Any:
        """Our message out of Google's."""
        ...


class Field:
    """One field: its name, and how its values go in and out; None where they go as they are."""

    def __init__(
        self, field: FieldDescriptor, annotation: Any, codec_of: Callable[[type[Message]], Codec]
    ) -> None:
        self.name = field.name
        self.presence = field.has_presence
        self.tag = varint(field.number << 3 | LENGTH_DELIMITED)
        self._codec_of = codec_of
        inner = _inner(annotation)
        self.element: type[Message] | None = None
        self.put: Callable[[Any], Any] | None = None
        self.take: Callable[[Any], Any] | None = None
        if _is_map(field):
            self.take = dict
        elif field.message_type is not None:
            self._of_messages(inner, repeated=field.is_repeated)
        elif field.enum_type is not None:
            self._of_enum(field, inner)
        elif field.is_repeated:
            self.take = tuple

    def _of_messages(self, inner: type[Message], *, repeated: bool) -> None:
        def put(value: Any) -> Any:
            return self._codec_of(inner).values(value)

        def take(value: Any) -> Any:
            return self._codec_of(inner).taken(value)

        if repeated:
            self.element = inner
            self.put = lambda values: [put(value) for value in values]
            self.take = lambda values: tuple([take(value) for value in values])
        else:
            self.put, self.take = put, take

    def _of_enum(self, field: FieldDescriptor, inner: type[enum.Enum]) -> None:
        prefix = _prefix(field)
        assert field.enum_type is not None
        numbers = {value.name.removeprefix(prefix).lower(): value.number for value in field.enum_type.values}
        members = {number: inner(name) for name, number in numbers.items()}
        # A value from a newer peer: nothing that this release knows.
        unknown = inner("unspecified")
        if field.is_repeated:
            self.put = lambda values: [numbers[value] for value in values]
            self.take = lambda values: tuple([members.get(value, unknown) for value in values])
        else:
            self.put = numbers.__getitem__
            self.take = lambda value: members.get(value, unknown)


@cache
def _pool() -> descriptor_pool.DescriptorPool:
    data = files("samovar.contracts").joinpath("descriptors.bin").read_bytes()
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(data).file:
        pool.Add(file)
    return pool


def descriptor_of(kind: type[Message]) -> Descriptor:
    """What the proto says of a message type."""
    context = kind.__module__.rpartition(".")[2]
    return _pool().FindMessageTypeByName(f"samovar.{context}.v1.{kind.__name__}")


def _inner(annotation: Any) -> Any:
    """The struct or enum inside an annotation, if there is one."""
    if isinstance(annotation, type) and issubclass(annotation, (msgspec.Struct, enum.Enum)):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        inner = _inner(argument)
        if inner is not None:
            return inner
    return None


def holds_maps(kind: type[Message]) -> bool:
    """Whether a mapping is anywhere in such messages."""
    descriptors, seen = [descriptor_of(kind)], set()
    while descriptors:
        descriptor = descriptors.pop()
        if descriptor.full_name not in seen:
            seen.add(descriptor.full_name)
            if any(_is_map(field) for field in descriptor.fields):
                return True
            descriptors += [
                field.message_type for field in descriptor.fields if field.message_type is not None
            ]
    return False


def _prefix(field: FieldDescriptor) -> str:
    name = field.enum_type.name if field.enum_type is not None else ""
    return "".join("_" + c if c.isupper() and i else c for i, c in enumerate(name)).upper() + "_"


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)
