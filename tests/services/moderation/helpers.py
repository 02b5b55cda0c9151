"""What tests of moderation share."""

from typing import Any

from samovar.contracts.common import Scope
from samovar.contracts.moderation import Action, Case, Decision
from tests.world import PASSWORD, Person, World

REPORT: dict[str, Any] = {"kind": "post", "reason": "spam", "text": ""}


async def write(person: Person, text: str = "Buy my kettles", **more: Any) -> Any:
    """A public post."""
    return await person.posts.create(**{"text": text, "visibility": Scope.PUBLIC, "language": "en", **more})


async def staff(world: World, name: str, *roles: str) -> Person:
    """Somebody with roles that identity knows of too."""
    person = await world.person(name, "user", *roles)
    await world.system.identity.set_roles(user_id=person.id, roles=list(roles))
    return person


async def cases(moderator: Person, **wanted: Any) -> tuple[Case, ...]:
    """Cases of a filter."""
    everything: dict[str, Any] = {
        "state": "", "kind": "", "reason": "", "assigned": "", "person_id": 0, "reporter_id": 0,
        "cursor": "", "limit": 0,
    }  # fmt: skip
    return (await moderator.moderation.cases(**everything | wanted)).items


async def act(moderator: Person, *types: str, **more: Any) -> tuple[Decision, ...]:
    """Decide, with the reason "spam" unless it is said otherwise."""
    wanted: dict[str, Any] = {
        "case_ids": [], "kind": "", "subject_ids": [], "reason": "spam", "message": "", "version": 0,
        "actions": [Action(type=type) for type in types],
    }  # fmt: skip
    return (await moderator.moderation.act(**wanted | more)).items


async def visible(viewer: Person, post_id: int) -> bool:
    return bool((await viewer.posts.get_many(ids=[post_id])).items)


async def inbox(person: Person) -> list[Any]:
    """Lines of an inbox, newest first."""
    return list((await person.notifications.list(cursor="", limit=20, filter="")).items)


async def audit(admin: Person, **wanted: Any) -> tuple[Any, ...]:
    """The log, newest first."""
    everything: dict[str, Any] = {
        "actor_id": 0, "person_id": 0, "action": "", "kind": "", "subject_id": 0, "cursor": "", "limit": 100,
    }  # fmt: skip
    return (await admin.moderation.audit(**everything | wanted)).items


async def sign_in(world: World, name: str) -> Any:
    """As a browser does."""
    return await world.stranger.identity.login(
        name=name, password=PASSWORD, otp=None, device="", browser=True
    )
