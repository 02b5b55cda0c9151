"""What these tests have in common."""

import email
import re
from contextlib import AbstractContextManager
from email.message import Message
from email.policy import default

from tests.world import PASSWORD, Person, World


def letters(world: World, to: str) -> list[Message]:
    """Letters to an address, oldest first."""
    found = [
        email.message_from_bytes(path.read_bytes(), policy=default)
        for path in sorted((world.folder / "mail").glob("*.eml"))
    ]
    return [letter for letter in found if letter["To"] == to]


def text_of(letter: Message) -> str:
    """What a letter says, in plain text."""
    text: str = letter.get_body(("plain",)).get_content()  # type: ignore[attr-defined]
    return text


def link(world: World, to: str, kind: str) -> str:
    """The token in the newest letter of a kind ("verify", "reset") to an address."""
    texts = [text_of(letter) for letter in letters(world, to)]
    tokens = [match for text in texts for match in re.findall(rf"/{kind}/([\w-]+)", text)]
    return tokens[-1]


def from_(world: World, address: str) -> Person:
    """A stranger at an address."""
    stranger = world.stranger
    stranger.call = type(stranger.call)(address=address)
    return stranger


async def sign_in(
    who: Person, name: str, password: str = PASSWORD, otp: str | None = None, browser: bool = False
):  # type: ignore[no-untyped-def]
    return await who.identity.login(name=name, password=password, otp=otp, device="test", browser=browser)


def statements(world: World, most: int) -> AbstractContextManager[object]:
    """Bounds the statements of one call, which the `wire` world makes twice."""
    return world.queries(max=most * 2 if world.kind == "wire" else most)
