"""Letters: a port, and the version that puts each into a folder as an .eml file."""

import asyncio
from datetime import UTC, datetime
from email.message import EmailMessage
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


class Mail(Protocol):
    """Takes letters to where they are delivered from."""

    async def send(self, letter: Letter) -> None:
        """Return once somebody else is responsible for it. Raises to have it tried again."""
        ...


def compose(letter: Letter, sender: str, now: int) -> EmailMessage:
    """The letter as MIME (RFC 5322)."""
    message = EmailMessage()
    message["Message-ID"] = f"<{letter.id}@{sender.rpartition('@')[2]}>"
    message["Date"] = format_datetime(datetime.fromtimestamp(now / SECOND, UTC))
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message.set_content(letter.text)
    if letter.html:
        message.add_alternative(letter.html, subtype="html")
    return message


class FolderMail:
    """One .eml file per letter, named by its id: sending twice leaves one file."""

    def __init__(self, folder: Path, sender: str, clock: Clock) -> None:
        self._folder = folder
        self._sender = sender
        self._clock = clock

    async def send(self, letter: Letter) -> None:
        data = compose(letter, self._sender, self._clock.now()).as_bytes()
        await asyncio.to_thread(self._write, f"{letter.id}.eml", data)

    def _write(self, name: str, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = self._folder / f".{name}.part"
        partial.write_bytes(data)
        partial.replace(self._folder / name)
