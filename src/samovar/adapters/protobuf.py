"""Messages to protobuf bytes and back, from the compiled protos beside the contracts."""

import enum
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from samovar.kernel.contract import Message


@cache
def _pool() -> descriptor_pool.DescriptorPool:
    data = files("samovar.contracts").joinpath("descriptors.bin").read_bytes()
    pool = descriptor_pool.DescriptorPool()
    for file in descriptor_pb2.FileDescriptorSet.FromString(data).file:
        pool.Add(file)
    return pool


@cache
def _descriptor(kind: type[Message]) -> Descriptor:
    context = kind.__module__.rpartition(".")[2]
    return _pool().FindMessageTypeByName(f"samovar.{context}.v1.{kind.__name__}")


@cache
def _types(kind: type[Message]) -> dict[str, Any]:
    """Field name to the struct or enum inside it."""
    found = {}
    for field in msgspec.structs.fields(kind):
        inner = _inner(field.type)
        if inner is not None:
            found[field.name] = inner
    return found


def _inner(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, (msgspec.Struct, enum.Enum)):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        inner = _inner(argument)
        if inner is not None:
            return inner
    return None


def to_bytes(message: Message) -> bytes:
    """The message as protobuf."""
    data: bytes = _fill(message).SerializeToString()
    return data


def from_bytes(data: bytes, kind: type[Message]) -> Any:
    """The message of that type. Unknown fields are ignored. Raises ValueError."""
    parsed = message_factory.GetMessageClass(_descriptor(kind))()
    try:
        parsed.ParseFromString(data)
    except Exception as error:
        raise ValueError(f"not a {kind.__name__}") from error
    return _read(parsed, kind)


def _fill(message: Any) -> Any:
    kind: type[Message] = type(message)
    descriptor = _descriptor(kind)
    target = message_factory.GetMessageClass(descriptor)()
    for field in descriptor.fields:
        value = getattr(message, field.name)
        if value is None:
            continue
        if _is_map(field):
            getattr(target, field.name).update(value)
        elif field.is_repeated:
            convert = _writer(field)
            getattr(target, field.name).extend(convert(item) for item in value)
        elif field.message_type is not None:
            getattr(target, field.name).CopyFrom(_fill(value))
        else:
            setattr(target, field.name, _writer(field)(value))
    return target


def _writer(field: FieldDescriptor) -> Callable[[Any], Any]:
    if field.message_type is not None:
        return _fill
    if field.enum_type is not None:
        prefix = _prefix(field)
        numbers = {value.name.removeprefix(prefix).lower(): value.number for value in field.enum_type.values}
        return lambda value: numbers[str(value)]
    return lambda value: value


def _read(parsed: Any, kind: type[Message]) -> Any:
    values: dict[str, Any] = {}
    types = _types(kind)
    for field in parsed.DESCRIPTOR.fields:
        inner = types.get(field.name)
        if _is_map(field):
            values[field.name] = dict(getattr(parsed, field.name))
        elif field.is_repeated:
            values[field.name] = tuple(_value(item, field, inner) for item in getattr(parsed, field.name))
        elif not field.has_presence or parsed.HasField(field.name):
            values[field.name] = _value(getattr(parsed, field.name), field, inner)
    return kind(**values)


def _value(value: Any, field: FieldDescriptor, inner: Any) -> Any:
    if field.message_type is not None:
        return _read(value, inner)
    if field.enum_type is not None:
        found = field.enum_type.values_by_number.get(value)
        # A value from a newer peer: nothing that this release knows.
        name = found.name.removeprefix(_prefix(field)).lower() if found else "unspecified"
        return inner(name)
    return value


def _prefix(field: FieldDescriptor) -> str:
    name = field.enum_type.name if field.enum_type is not None else ""
    return "".join("_" + c if c.isupper() and i else c for i, c in enumerate(name)).upper() + "_"


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)
