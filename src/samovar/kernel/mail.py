"""Letters: a port, and the version that puts each into a folder as an .eml file."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol

import msgspec

from samovar.kernel.clock import SECOND, Clock


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter to one person. `id` is stable over retries, so that a second copy is recognised."""

    id: str
    to: str
    subject: str
    text: str
    html: str = ""
    #: What the sender is called, beside the address; empty: nothing.
    sender_name: str = ""
    #: More headers, such as List-Unsubscribe.
    headers: Mapping[str, str] = {}


class Mail(Protocol):
    """Takes letters to where they are delivered from."""

    #: Of the provider, for the log.
    name: str

    async def send(self, letter: Letter) -> str:
        """Return once somebody else is responsible for it, with how they name it or empty. Raises
        kernel.messengers.Undelivered."""
        ...

    async def close(self) -> None:
        """Let connections go."""
        ...


class _Policy(EmailPolicy):
    """As mail servers want it. Headers of ours are in ASCII and stay in one piece: folded by the library, a
    long link would become encoded words, in which nobody looks for links."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name.startswith("List-"):
            return f"{name}: {value}\r\n".encode("ascii")
        return super().fold_binary(name, value)


_POLICY = _Policy(cte_type="7bit", linesep="\r\n")


def compose(letter: Letter, sender: str, now: int) -> EmailMessage:
    """The letter as MIME (RFC 5322), in ASCII alone. Raises ValueError for what would break a header."""
    message = EmailMessage(policy=_POLICY)
    message["Message-ID"] = f"<{_name(letter)}@{sender.rpartition('@')[2]}>"
    message["Date"] = format_datetime(datetime.fromtimestamp(now / SECOND, UTC))
    message["From"] = Address(letter.sender_name, addr_spec=sender)
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Auto-Submitted"] = "auto-generated"
    for name, value in letter.headers.items():
        message[name] = value
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    return message


def _name(letter: Letter) -> str:
    """Its id, without colons: they have no place in a Message-ID, nor in a file's name everywhere."""
    return letter.id.replace(":", ".")


class FolderMail:
    """One .eml file per letter, named by its id: sending twice leaves one file."""

    name = "folder"

    def __init__(self, folder: Path, sender: str, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock

    async def send(self, letter: Letter) -> str:
        data = compose(letter, self._sender, self._clock.now()).as_bytes()
        name = f"{_name(letter)}.eml"
        await asyncio.to_thread(self._write, name, data)
        return name

    async def close(self) -> None:
        """There is nothing to close."""

    def _write(self, name: str, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = self._folder / f".{name}.part"
        partial.write_bytes(data)
        partial.replace(self._folder / name)
