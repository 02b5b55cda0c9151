"""The doors of the back rooms: who may know that they are there, and who may enter."""

from typing import Final

from samovar.kernel.authz import may
from samovar.kernel.context import current_call
from samovar.kernel.errors import Forbidden, NotFound

#: Whoever holds one of these works here.
WORK: Final = (
    "accounts.see", "analytics.see", "audit.see", "content.hide", "reports.see", "rules.change", "system.see",
)  # fmt: skip


def staff(permission: str) -> None:
    """Raises NotFound for those who may not know of a room, Forbidden for staff of other rooms."""
    call = current_call()
    if call.actor is None or not any(may(call, one) for one in WORK):
        raise NotFound
    if not may(call, permission):
        raise Forbidden
