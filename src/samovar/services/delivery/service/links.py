"""Unsubscribing by the link of a letter's foot, and back."""

import base64
import binascii
import hashlib
import hmac
from typing import Final

from samovar.contracts.delivery import LinkInvalid, Resubscribed, Unsubscribed
from samovar.kernel.context import Call
from samovar.kernel.store import Tx
from samovar.services.delivery.domain import Link
from samovar.services.delivery.repository import people
from samovar.services.delivery.service.desk import Desk, only_services

_PROOF: Final = 16


class Links:
    """Links stay good for ever: whoever holds the letter may say that they want no more of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def token(self, link: Link) -> str:
        """The part of a link that proves it."""
        body = f"{link.user_id}.{link.channel}.{link.category}".encode()
        return base64.urlsafe_b64encode(self._proof(body) + body).rstrip(b"=").decode()

    async def look_up(self, token: str) -> tuple[Link, bool]:
        """What a link stands for, and whether it has been used. Raises LinkInvalid."""
        link = self._link(token)
        refused = await people.refused(self._desk.db, [link.user_id], link.channel)
        return link, (link.user_id, link.category) in refused

    async def unsubscribe(self, token: str) -> Link:
        """No more messages of the link's kind. Raises LinkInvalid."""
        link = self._link(token)

        async def work(tx: Tx) -> None:
            if await people.refuse(tx, *link, self._desk.now()):
                await tx.publish(Unsubscribed(**link._asdict()))

        await self._desk.db.write(work)
        return link

    async def resubscribe(self, token: str) -> Link:
        """Take that back. Raises LinkInvalid."""
        link = self._link(token)

        async def work(tx: Tx) -> None:
            if await people.allow(tx, *link):
                await tx.publish(Resubscribed(**link._asdict()))

        await self._desk.db.write(work)
        return link

    async def allow(self, call: Call, user_id: int, channel: str, category: str) -> None:
        """Somebody wants a kind of messages again, as they said elsewhere: nobody needs to be told."""
        only_services(call)

        async def work(tx: Tx) -> None:
            await people.allow(tx, user_id, channel, category)

        await self._desk.db.write(work)

    def _link(self, token: str) -> Link:
        try:
            data = base64.urlsafe_b64decode(token[:400] + "=" * (-len(token[:400]) % 4))
        except (binascii.Error, ValueError) as error:
            raise LinkInvalid from error
        proof, body = data[:_PROOF], data[_PROOF:]
        if not hmac.compare_digest(proof, self._proof(body)):
            raise LinkInvalid
        user_id, channel, category = body.decode().split(".")
        return Link(int(user_id), channel, category)

    def _proof(self, body: bytes) -> bytes:
        return hmac.digest(self._desk.vault.key("unsubscribe"), body, hashlib.sha256)[:_PROOF]
