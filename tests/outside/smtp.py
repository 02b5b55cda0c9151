"""An SMTP server that answers as a test says."""

import asyncio
import email
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class MailServer:
    """One mail server; the attributes say what it answers from now on."""

    def __init__(self) -> None:
        self.port = 0
        self.letters: list[EmailMessage] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.connections = 0
        #: Answers instead of the usual ones: to the sender, to recipients (by address, "" for all), to data.
        self.sender = ""
        self.recipients: dict[str, str] = {}
        self.data = ""
        #: Do not answer to data until this is set.
        self.open = asyncio.Event()
        self.open.set()
        #: End the connection where data should be answered; the letter is taken nevertheless with "after".
        self.drop = ""
        #: The password it asks for; empty: none.
        self.password = ""
        self.hanging = 0

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender:
            return self.sender
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = self.recipients.get(address) or self.recipients.get("")
        if said:
            return said
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data:
            return self.data
        if not self.open.is_set():
            self.hanging += 1
            await self.open.wait()
        if self.drop != "before":
            assert isinstance(envelope.content, bytes)
            message = email.message_from_bytes(envelope.content, policy=default)
            assert isinstance(message, EmailMessage)
            self.letters.append(message)
            self.envelopes.append((str(envelope.mail_from), list(envelope.rcpt_tos)))
        if self.drop:
            assert server.transport is not None
            server.transport.abort()
        return f"250 2.0.0 queued as {len(self.letters)}"

    def to(self, address: str) -> list[EmailMessage]:
        """The letters to somebody."""
        return [letter for letter in self.letters if letter["To"] == address]


@asynccontextmanager
async def mail_server(**options: Any) -> AsyncIterator[MailServer]:
    """One on a port of its own. `options` go to aiosmtpd."""
    server = MailServer()
    protocols: list[SMTP] = []

    def authenticate(_: Any, __: Any, ___: Any, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=data.password.decode() == server.password)

    def connected() -> SMTP:
        server.connections += 1
        if server.password:
            options.update(authenticator=authenticate, auth_required=True, auth_require_tls=False)
        protocol = SMTP(server, hostname="mail.example", loop=asyncio.get_running_loop(), **options)
        protocols.append(protocol)
        return protocol

    listener = await asyncio.get_running_loop().create_server(connected, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        server.open.set()
        for protocol in protocols:
            if protocol.transport is not None:
                protocol.transport.abort()
        await listener.wait_closed()
