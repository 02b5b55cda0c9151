"""What roles may do. Policy is data: a role is a set of permissions."""

from collections.abc import Mapping
from typing import Final

from samovar.kernel.context import Call
from samovar.kernel.errors import Forbidden, Unauthenticated

ROLES: Final = ("user", "support", "moderator", "admin")

_MODERATOR: Final = frozenset(
    {
        "accounts.see",
        "accounts.silence",
        "accounts.suspend",
        "accounts.warn",
        "content.delete",
        "content.hide",
        "content.mark",
        "reports.see",
    }
)

PERMISSIONS: Final[Mapping[str, frozenset[str]]] = {
    "user": frozenset(),
    "support": frozenset({"accounts.see"}),
    "moderator": _MODERATOR,
    "admin": _MODERATOR
    | {
        "accounts.ban",
        "accounts.roles",
        "analytics.see",
        "audit.see",
        "rules.change",
        "system.run",
        "system.see",
    },
}


def signed_in(call: Call) -> int:
    """The person who acts. Raises Unauthenticated for a stranger."""
    if call.actor is None:
        raise Unauthenticated
    return call.actor


def may(call: Call, permission: str) -> bool:
    """Whether the caller's roles hold a permission. The system may do anything."""
    return call.system or any(permission in PERMISSIONS.get(role, ()) for role in call.roles)


def require(call: Call, permission: str) -> None:
    """Raises Unauthenticated or Forbidden unless the caller holds a permission."""
    if not may(call, permission):
        signed_in(call)
        raise Forbidden


def rank(roles: tuple[str, ...]) -> int:
    """Place of the highest of these roles; 0 is a plain member."""
    return max((ROLES.index(role) for role in roles if role in ROLES), default=0)
