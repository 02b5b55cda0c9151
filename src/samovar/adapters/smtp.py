"""Letters by SMTP. Connections are kept for a burst; what a server answers is told apart by its codes
(RFC 3463): a dead mailbox, a refused letter, our own account refused, or not now."""

import asyncio
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from samovar.kernel.clock import Clock
from samovar.kernel.mail import Letter, compose
from samovar.kernel.messengers import Gone, Later, Refused, Undelivered

if TYPE_CHECKING:
    from aiosmtplib import SMTP

#: Seconds that an unused connection is kept.
KEPT: Final = 20.0
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
#: Basic codes of a recipient that mean: there is no such mailbox.
_NO_MAILBOX: Final = frozenset((550, 551, 553))
#: Enhanced codes (subject, detail) of a recipient that mean the same.
_DEAD: Final = frozenset(((1, 0), (1, 1), (1, 2), (1, 3), (1, 6), (1, 10), (2, 0), (2, 1)))


class SmtpMail:
    """Letters through one SMTP server."""

    name = "smtp"

    def __init__(
        self,
        host: str,
        port: int,
        *,
        security: str,
        username: str,
        password: str,
        ca_file: str,
        sender: str,
        timeout: float,
        connections: int,
        clock: Clock,
    ) -> None:
        self._options: dict[str, Any] = {
            "hostname": host,
            "port": port,
            "username": username or None,
            "password": str(password) if password else None,
            "use_tls": security == "tls",
            "start_tls": security == "starttls",
            "cert_bundle": ca_file or None,
            "timeout": timeout,
            # A name of this machine may be private; the domain that letters come from is not.
            "local_hostname": sender.rpartition("@")[2] or None,
        }
        self._sender = sender
        self._clock = clock
        self._room = asyncio.Semaphore(connections)
        self._idle: list[SMTP] = []
        self._closing: asyncio.TimerHandle | None = None

    async def send(self, letter: Letter) -> str:
        """Hand a letter over; answers what the server said to it, usually the name in its queue."""
        try:
            data = compose(letter, self._sender, self._clock.now()).as_bytes()
        except (ValueError, UnicodeError) as error:
            raise Refused(f"the letter can't be written: {error}") from error
        async with self._room:
            return await self._hand_over(letter.to, data)

    async def _hand_over(self, to: str, data: bytes) -> str:
        kept = bool(self._idle)
        smtp = self._idle.pop() if kept else await self._connect()
        try:
            try:
                await self._begin(smtp, to, data)
            except Undelivered as refusal:
                if not (kept and isinstance(refusal, Later) and refusal.provider):
                    raise
                # The server ended a connection that we had kept: nothing was sent yet.
                smtp.close()
                smtp = await self._connect()
                await self._begin(smtp, to, data)
            answer = await self._data(smtp, data)
        except Undelivered as refusal:
            if (isinstance(refusal, Later) and refusal.provider) or not await self._cleared(smtp):
                smtp.close()
            else:
                self._keep(smtp)
            raise
        except BaseException:
            smtp.close()
            raise
        self._keep(smtp)
        return answer

    async def _connect(self) -> "SMTP":
        import aiosmtplib

        smtp = aiosmtplib.SMTP(**self._options)
        try:
            await smtp.connect()
        except aiosmtplib.SMTPAuthenticationError as error:
            smtp.close()
            raise Later(f"the server refuses our account: {_said(error)}", ours=True) from error
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            smtp.close()
            raise Later(f"no connection: {_said(error)}", provider=True) from error
        except BaseException:
            smtp.close()
            raise
        return smtp

    async def _begin(self, smtp: "SMTP", to: str, data: bytes) -> None:
        """Sender and recipient."""
        import aiosmtplib

        most = _size(smtp.esmtp_extensions.get("size", ""))
        if 0 < most < len(data):
            raise Refused(f"the server takes letters of at most {most} bytes")
        try:
            options = [f"SIZE={len(data)}"] if smtp.supports_extension("size") else []
            await smtp.mail(self._sender, options=options)
            await smtp.rcpt(_ascii(to))
        except aiosmtplib.SMTPSenderRefused as error:
            raise _of_sender(error.code, error.message) from error
        except aiosmtplib.SMTPRecipientRefused as error:
            raise _of_recipient(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Later(f"the connection broke: {_said(error)}", provider=True) from error
        except (ValueError, UnicodeError) as error:
            raise Gone(f"this is not an address: {_said(error)}") from error

    async def _data(self, smtp: "SMTP", data: bytes) -> str:
        import aiosmtplib

        try:
            answer = await smtp.data(data)
        except aiosmtplib.SMTPDataError as error:
            if error.code < 500:
                raise Later(f"{error.code} {error.message}", provider=error.code == 421) from error
            raise Refused(f"{error.code} {error.message}") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Later(f"no answer to the letter: {_said(error)}", provider=True) from error
        return " ".join(answer.message.split())[:200]

    async def _cleared(self, smtp: "SMTP") -> bool:
        """Whether the connection can be used again after a refusal."""
        import aiosmtplib

        try:
            await smtp.rset()
        except (aiosmtplib.SMTPException, OSError):
            return False
        return True

    def _keep(self, smtp: "SMTP") -> None:
        self._idle.append(smtp)
        if self._closing is not None:
            self._closing.cancel()
        self._closing = asyncio.get_running_loop().call_later(KEPT, self._let_go)

    def _let_go(self) -> None:
        idle, self._idle = self._idle, []
        for smtp in idle:
            smtp.close()

    async def close(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
        idle, self._idle = self._idle, []
        for smtp in idle:
            with suppress(Exception):
                await smtp.quit(timeout=1)
            smtp.close()


def _ascii(address: str) -> str:
    """The address with its domain as name servers know it. Raises UnicodeError."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"


def _size(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__


def _of_sender(code: int, message: str) -> Undelivered:
    if code == 552:
        return Refused(f"{code} {message}")
    # Greylisting and full disks pass; 5xx to our own address is for operators to mend, and letters wait.
    return Later(f"the server refuses our sender: {code} {message}", provider=code == 421, ours=code >= 500)


def _of_recipient(code: int, message: str) -> Undelivered:
    reason = f"{code} {message}"
    if code < 500:
        return Later(reason, provider=code == 421)
    found = _ENHANCED.search(message)
    if found:
        detail = (int(found[2]), int(found[3]))
        if detail == (2, 2):
            # A mailbox that is full today.
            return Later(reason)
        return Gone(reason) if detail in _DEAD else Refused(reason)
    return Gone(reason) if code in _NO_MAILBOX else Refused(reason)
