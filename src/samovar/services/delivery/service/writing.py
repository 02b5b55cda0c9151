"""From a stored message to what its provider is handed."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from samovar.kernel.clock import SECOND
from samovar.kernel.mail import Letter
from samovar.kernel.messengers import Parcel
from samovar.kernel.store import Tx
from samovar.kernel.vault import Unreadable
from samovar.services.delivery import letters
from samovar.services.delivery.clients import People
from samovar.services.delivery.domain import ACCOUNT, Contact, Link, Message, masked, needs_contact
from samovar.services.delivery.repository import messages
from samovar.services.delivery.service.desk import Desk
from samovar.services.delivery.service.links import Links
from samovar.services.delivery.service.vapid import Vapid


class Nobody(Exception):
    """There is nobody to write to; the message says why."""


class Unwritable(Exception):
    """The message can't be made out of what was stored."""


class Ready(NamedTuple):
    """A message with all that it needs."""

    message: Message
    address: str
    written: letters.Written
    #: The link that ends messages of its kind; empty for letters about the account.
    link: str


class Writing:
    """Makes messages ready and hands them over."""

    def __init__(self, desk: Desk, people: People, links: Links, vapid: Vapid) -> None:
        self._desk = desk
        self._people = people
        self._links = links
        self._vapid = vapid

    def channels(self) -> tuple[str, ...]:
        """Those that messages can leave by."""
        return ("email", *self._desk.kit.messengers)

    def provider(self, channel: str) -> str:
        """Whom a channel's messages are handed to."""
        kit = self._desk.kit
        return kit.mail.name if channel == "email" else kit.messengers[channel].name

    def reached_through(self, ready: Ready) -> str:
        """Whose failures count together with this message's."""
        channel = ready.message.channel
        if channel == "email":
            return self._desk.kit.mail.name
        return self._desk.kit.messengers[channel].reached_through(ready.address)

    async def contacts(self, batch: Sequence[Message]) -> Mapping[int, Contact]:
        """The people whom their sender left to be found."""
        return await self._people.contacts({message.user_id for message in batch if needs_contact(message)})

    async def ready(self, message: Message, contacts: Mapping[int, Contact]) -> Ready:
        """Raises Nobody, Unwritable."""
        desk, site = self._desk, self._desk.kit.site
        if message.data is None:
            raise Unwritable("what it said is gone")
        try:
            values: Any = json.loads(desk.open("data", message.name, message.data))
            address = desk.open("address", message.name, message.address) if message.address else ""
        except Unreadable as error:
            raise Unwritable("sealed under another secret") from error
        locale = message.locale
        contact = contacts.get(message.user_id)
        if not address:
            address = await self._own_address(message, contact)
        if not locale and contact:
            locale = contact.locale
        link = ""
        if message.category != ACCOUNT:
            token = self._links.token(Link(message.user_id, message.channel, message.category))
            link = f"{site.public_url}/unsubscribe/{token}"
        frame = letters.Frame(
            site=site.name, url=site.public_url, category=message.category, unsubscribe=link
        )
        try:
            written = letters.write(message.template, locale or site.locale, values, frame)
        except letters.Lacking as error:
            raise Unwritable(str(error)) from error
        return Ready(message, address, written, link)

    async def _own_address(self, message: Message, contact: Contact | None) -> str:
        if contact is None:
            raise Nobody("there is no such person any more")
        if not contact.email_verified and message.category != ACCOUNT:
            raise Nobody("the address is not confirmed")
        sealed = self._desk.seal("address", message.name, contact.email)
        shown = masked(message.channel, contact.email)

        async def work(tx: Tx) -> None:
            await messages.found(tx, message.id, sealed, shown)

        await self._desk.db.write(work)
        return contact.email

    async def send(self, ready: Ready) -> str:
        """Hand it over; answers how the provider names it. Raises Undelivered."""
        message, written, kit = ready.message, ready.written, self._desk.kit
        if message.channel == "email":
            headers = {}
            if ready.link:
                headers["List-Unsubscribe"] = f"<{ready.link}>"
                headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
            return await kit.mail.send(
                Letter(
                    id=message.name, to=ready.address, subject=written.subject, text=written.text,
                    html=written.html, sender_name=self._desk.settings.sender_name or kit.site.name,
                    headers=headers,
                )
            )  # fmt: skip
        key = (await self._vapid.key()).private if message.channel == "push" else ""
        return await kit.messengers[message.channel].send(
            Parcel(
                id=message.name, to=ready.address, title=written.title, text=written.short, url=written.link,
                locale=written.locale, urgent=message.priority == 0,
                ttl=max(60, (message.expires_at - self._desk.now()) // SECOND), key=key,
            )
        )  # fmt: skip
