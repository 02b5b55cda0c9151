"""Served by every service that keeps personal data, under its own name as instance.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from typing import Protocol

from samovar.contracts.common import Done
from samovar.kernel.contract import Contract, Message, Method


class EraseRequest(Message, frozen=True, kw_only=True):
    """What Personal.erase takes."""

    user_id: int = 0


class PersonalApi(Protocol):
    """Personal."""

    async def erase(self, *, user_id: int) -> Done:
        """Erase all that this service holds of a person. Repeated until it answers; calling it again is
        harmless.
        """
        ...


PERSONAL: Contract[PersonalApi] = Contract(
    "samovar.personal.v1.Personal",
    methods=(Method("erase", EraseRequest, Done, idempotent=True),),
    errors=(),
)
