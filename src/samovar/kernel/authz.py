"""What roles may do. Policy is data: a role is a set of permissions."""

from collections.abc import Iterable, Mapping
from typing import Final

from samovar.kernel.context import Call
from samovar.kernel.errors import Forbidden, NotFound, Unauthenticated

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


#: Every permission there is, in the order to show them.
ALL_PERMISSIONS: Final = tuple(sorted(PERMISSIONS["admin"]))


def signed_in(call: Call) -> int:
    """The person who acts. Raises Unauthenticated for a stranger."""
    if call.actor is None:
        raise Unauthenticated
    return call.actor


def granted(permission: str) -> str:
    """How a permission stands among the roles of a call: it comes of a role that the community made itself,
    which only identity knows."""
    return f"+{permission}"


def permissions_of(roles: Iterable[str]) -> frozenset[str]:
    """All that these roles may do."""
    found: set[str] = set()
    for role in roles:
        if role[:1] == "+":
            found.add(role[1:])
        else:
            found |= PERMISSIONS.get(role, frozenset())
    return frozenset(found)


def may(call: Call, permission: str) -> bool:
    """Whether the caller's roles hold a permission. The system may do anything."""
    if call.system:
        return True
    plain = granted(permission)
    return any(role == plain or permission in PERMISSIONS.get(role, ()) for role in call.roles)


def is_staff(call: Call) -> bool:
    """Whether the caller may do anything that plain members may not."""
    return call.system or bool(permissions_of(call.roles))


def require(call: Call, permission: str) -> None:
    """Raises Unauthenticated or Forbidden unless the caller holds a permission."""
    if not may(call, permission):
        signed_in(call)
        raise Forbidden


def guard(call: Call, permission: str) -> None:
    """For what only staff may know of: NotFound for everybody else, Forbidden for staff without it."""
    if not may(call, permission):
        if call.actor is not None and is_staff(call):
            raise Forbidden
        raise NotFound


def rank(roles: Iterable[str]) -> int:
    """Place of the highest of these roles; 0 is a plain member. A role of the community's own stands with
    the lowest of the fixed ones that may do as much."""
    roles = tuple(roles)
    named = max((ROLES.index(role) for role in roles if role in ROLES), default=0)
    held = permissions_of(role for role in roles if role[:1] == "+")
    wide = next((n for n, role in enumerate(ROLES) if held <= PERMISSIONS[role]), len(ROLES) - 1)
    return max(named, wide)
