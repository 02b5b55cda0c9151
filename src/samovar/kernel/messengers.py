"""Messages to people outside, beside letters: a port, and how providers say no. `mail` has the letters.

What a provider that is asked in vain does to a message is said by what is raised: `Later` has it tried
again, `Refused` gives it up, `Gone` gives up its address too.
"""

from typing import Protocol

import msgspec


class Parcel(msgspec.Struct, frozen=True, kw_only=True):
    """A message to one address. `id` is stable over retries, so that a second copy is recognised."""

    id: str
    #: As the channel has it: a subscription as JSON, a token, a phone number, a chat.
    to: str
    title: str
    text: str
    #: Where it leads, or empty.
    url: str = ""
    locale: str = "en"
    urgent: bool = False
    #: Seconds after which it is of no more use.
    ttl: int
    #: What it is signed with, where the channel's keys are ours.
    key: str = ""


class Undelivered(Exception):
    """A provider did not take a message; `reason` says why, in a line fit for the log."""

    def __init__(self, reason: str) -> None:
        self.reason = " ".join(reason.split())[:300]
        super().__init__(self.reason)


class Later(Undelivered):
    """Not now. `provider`: it would say so to any message; `ours`: because of our own settings."""

    def __init__(
        self, reason: str, *, retry_after: float = 0, provider: bool = False, ours: bool = False
    ) -> None:
        super().__init__(reason)
        self.retry_after = retry_after
        self.provider = provider or ours
        self.ours = ours


class Refused(Undelivered):
    """Never this message."""


class Gone(Undelivered):
    """Never anything to this address."""


class Messenger(Protocol):
    """Hands messages of one channel to a provider."""

    #: Of the provider, for the log.
    name: str

    def reached_through(self, to: str) -> str:
        """What must be well for an address to be reached: the provider, or one of many hosts."""
        ...

    async def send(self, parcel: Parcel) -> str:
        """Return once the provider has taken it, with how it names it or empty. Raises Undelivered."""
        ...

    async def close(self) -> None:
        """Let connections go."""
        ...
