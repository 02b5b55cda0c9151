"""SMS through any of the services that Apprise knows (Twilio, Vonage, Plivo, ...), by its address for it.

Apprise waits in a thread; so there are few threads, and nobody waits for them beyond the time limit.
"""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from samovar.kernel.messengers import Gone, Later, Parcel

_NUMBER: Final = re.compile(r"\+?[0-9]{5,15}")
_THREADS: Final = 4


class Sms:
    """One service."""

    name = "sms"

    def __init__(self, address: str, *, timeout: float) -> None:
        """`address`: Apprise's, with {to} where the number stands, such as twilio://sid:token@from/{to}."""
        self._address = address
        self._timeout = timeout
        self._threads = ThreadPoolExecutor(_THREADS, "sms")

    def reached_through(self, to: str) -> str:
        return self.name

    async def send(self, parcel: Parcel) -> str:
        number = parcel.to.replace(" ", "")
        if not _NUMBER.fullmatch(number):
            raise Gone("this is not a phone number")
        text = " ".join(part for part in (parcel.title, parcel.text[:300], parcel.url) if part)
        waiting = asyncio.get_running_loop().run_in_executor(self._threads, self._notify, number, text)
        try:
            async with asyncio.timeout(self._timeout):
                taken = await waiting
        except TimeoutError as error:
            raise Later("no answer", provider=True) from error
        if not taken:
            raise Later("the service did not take it", provider=True)
        return ""

    def _notify(self, number: str, text: str) -> bool:
        import apprise

        service = apprise.Apprise()
        # Its log names addresses with their secrets: it stays silent.
        apprise.logger.disabled = True
        if not service.add(self._address.replace("{to}", number)):
            return False
        return bool(service.notify(body=text))

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
