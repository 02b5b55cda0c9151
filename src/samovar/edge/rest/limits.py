"""How often who may do what, at /api/admin/limits and /api/admin/networks."""

from typing import Annotated, Literal

import msgspec
from litestar.params import JSONBody, PathParameter

from samovar.edge.edge import Edge
from samovar.edge.gateway.routing import Router
from samovar.edge.present.acts import HOURS, Acts
from samovar.edge.present.machine import Machine, NetworkView, RuleView, network_view, rule_view
from samovar.edge.present.staff import staff
from samovar.edge.rest.common import Cursor, Done, Limit, get, post, put
from samovar.kernel.authz import may
from samovar.kernel.context import current_call

Action = Annotated[str, PathParameter(description="What is limited, such as post.", max_length=40)]


class RuleList(msgspec.Struct, kw_only=True, frozen=True):
    """Every action with its rule."""

    items: tuple[RuleView, ...]


class RuleBody(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A rule such as "20 at once, 2 a minute, per session", or "off"; empty: as the settings say."""

    rule: Annotated[str, msgspec.Meta(max_length=100)]


class NetworkList(msgspec.Struct, kw_only=True, frozen=True):
    """A page of listed networks."""

    items: tuple[NetworkView, ...]
    next: str | None


class NetworkBody(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A network or address to be listed."""

    network: Annotated[str, msgspec.Meta(max_length=64)]
    stand: Literal["allow", "block"]
    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""
    #: For so many hours; 0 is for good.
    hours: Annotated[int, msgspec.Meta(ge=0, le=HOURS)] = 0


class NetworkName(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A network or address that is listed."""

    network: Annotated[str, msgspec.Meta(max_length=64)]


def may_change() -> None:
    """Raises NotFound for those who may not know of it, Forbidden for other staff."""
    staff("rules.change" if may(current_call(), "rules.change") else "system.run")


def routes(edge: Edge) -> Router:
    """Route handlers."""
    acts = Acts(edge, Machine(edge))

    @get("/limits", summary="Every action with its rule")
    async def rules() -> RuleList:
        staff("system.see")
        return RuleList(items=tuple(map(rule_view, (await edge.limits.rules()).items)))

    @put("/limits/{action:str}", summary="Change how often something may be done")
    async def change(action: Action, data: JSONBody[RuleBody]) -> RuleView:
        may_change()
        return rule_view(await acts.set_rule(action, data.rule))

    @get("/networks", summary="Networks that are let through or kept out")
    async def networks(cursor: Cursor = "", limit: Limit = 50) -> NetworkList:
        staff("system.see")
        page = await edge.limits.networks(cursor=cursor, limit=limit)
        return NetworkList(items=tuple(map(network_view, page.items)), next=page.next or None)

    @put("/networks", summary="Let a network through, or keep it out")
    async def list_(data: JSONBody[NetworkBody]) -> NetworkView:
        may_change()
        return network_view(await acts.put_network(data.network, data.stand, data.reason, data.hours))

    @post("/networks/remove", status_code=200, summary="Take a network off the list")
    async def remove(data: JSONBody[NetworkName]) -> Done:
        may_change()
        await acts.remove_network(data.network)
        return Done()

    return Router("/admin", tags=["limits"], route_handlers=[rules, change, networks, list_, remove])
