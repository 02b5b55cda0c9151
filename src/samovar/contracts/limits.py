"""How often who may do what: rules that operators change, networks that are let through or kept out, and
decisions for programs without our SDK. Those with it (kernel/limiter.py) decide by themselves.

Generated from proto/ by tools/gen_contracts.py. Do not edit by hand.
"""

from typing import ClassVar, Protocol

from samovar.contracts.common import Done
from samovar.kernel.contract import Contract, Event, Message, Method, register_event
from samovar.kernel.errors import NotFound


class TakeRequest(Message, frozen=True, kw_only=True):
    """What Limits.take takes."""

    action: str = ""
    #: How much it is; 1 when 0. At most 1000000.
    cost: int = 0
    #: Whose bucket, for the system; empty: the caller's.
    key: str = ""


class Decision(Message, frozen=True, kw_only=True):
    """Decision."""

    allowed: bool = False
    remaining: int = 0
    #: Seconds until it may be tried again.
    retry_after: float = 0.0
    #: Seconds until the bucket is full.
    reset_after: float = 0.0


class GetBookRequest(Message, frozen=True, kw_only=True):
    """What Limits.get_book takes."""


class ChangedRule(Message, frozen=True, kw_only=True):
    """Changed rule."""

    action: str = ""
    rule: str = ""


class Network(Message, frozen=True, kw_only=True):
    """Network."""

    #: Such as "203.0.113.0/24".
    network: str = ""
    #: "allow" or "block".
    stand: str = ""
    reason: str = ""
    #: When it ends, in microseconds since 1970 UTC; 0 is never.
    until: int = 0
    listed_at: int = 0


class Book(Message, frozen=True, kw_only=True):
    """Book."""

    version: int = 0
    rules: tuple[ChangedRule, ...] = ()
    networks: tuple[Network, ...] = ()


class RulesRequest(Message, frozen=True, kw_only=True):
    """What Limits.rules takes."""


class ActionRule(Message, frozen=True, kw_only=True):
    """Action rule."""

    action: str = ""
    #: In force, such as "20 at once, 2 a minute, per session" or "off".
    rule: str = ""
    #: What the settings declare.
    declared: str = ""
    changed: bool = False


class RuleList(Message, frozen=True, kw_only=True):
    """Rule list."""

    items: tuple[ActionRule, ...] = ()


class SetRuleRequest(Message, frozen=True, kw_only=True):
    """What Limits.set_rule takes."""

    action: str = ""
    rule: str = ""


class NetworksRequest(Message, frozen=True, kw_only=True):
    """What Limits.networks takes."""

    cursor: str = ""
    limit: int = 0


class NetworkPage(Message, frozen=True, kw_only=True):
    """Network page."""

    items: tuple[Network, ...] = ()
    next: str = ""


class ListRequest(Message, frozen=True, kw_only=True):
    """What Limits.block takes."""

    network: str = ""
    reason: str = ""
    until: int = 0


class UnblockRequest(Message, frozen=True, kw_only=True):
    """What Limits.unblock takes."""

    network: str = ""


@register_event
class RuleChanged(Event, frozen=True, kw_only=True):
    """An operator changed how often something may be done."""

    TYPE: ClassVar[str] = "samovar.limits.v1.RuleChanged"
    KEY: ClassVar[str] = "action"

    action: str = ""
    #: Empty: as declared again.
    rule: str = ""
    by_id: int = 0


@register_event
class NetworkListed(Event, frozen=True, kw_only=True):
    """An operator listed a network, or took it off the list."""

    TYPE: ClassVar[str] = "samovar.limits.v1.NetworkListed"
    KEY: ClassVar[str] = "network"

    network: str = ""
    #: "allow", "block", or empty when it is listed no more.
    stand: str = ""
    until: int = 0
    by_id: int = 0


class UnknownAction(NotFound):
    """Nothing is limited under this name."""

    code = "limits.unknown_action"
    default_message = "Nothing is limited under this name."


class LimitsApi(Protocol):
    """Limits."""

    async def take(self, *, action: str, cost: int, key: str) -> Decision:
        """Take tokens for an action: from the caller's bucket, or for the system from that of `key`."""
        ...

    async def look(self, *, action: str, cost: int, key: str) -> Decision:
        """The same without taking any: could it be done now?"""
        ...

    async def get_book(self) -> Book:
        """All that operators changed, for the SDK of another process. For the system only."""
        ...

    async def rules(self) -> RuleList:
        """Every action with its rules. For those who may see the system."""
        ...

    async def set_rule(self, *, action: str, rule: str) -> ActionRule:
        """Change the rule of an action, or with an empty text go back to the declared one. In force
        everywhere at
        once. For those who may change rules or run the system.
        """
        ...

    async def networks(self, *, cursor: str, limit: int) -> NetworkPage:
        """Networks that are listed, narrowest first. For those who may see the system."""
        ...

    async def block(self, *, network: str, reason: str, until: int) -> Network:
        """Keep a network or address out. One's own can't be kept out."""
        ...

    async def allow(self, *, network: str, reason: str, until: int) -> Network:
        """Never limit a network or address."""
        ...

    async def unblock(self, *, network: str) -> Done:
        """Take a network off the list."""
        ...


LIMITS: Contract[LimitsApi] = Contract(
    "samovar.limits.v1.Limits",
    methods=(
        Method("take", TakeRequest, Decision),
        Method("look", TakeRequest, Decision, idempotent=True),
        Method("get_book", GetBookRequest, Book, idempotent=True),
        Method("rules", RulesRequest, RuleList, idempotent=True),
        Method("set_rule", SetRuleRequest, ActionRule, idempotent=True),
        Method("networks", NetworksRequest, NetworkPage, idempotent=True),
        Method("block", ListRequest, Network, idempotent=True),
        Method("allow", ListRequest, Network, idempotent=True),
        Method("unblock", UnblockRequest, Done, idempotent=True),
    ),
    errors=(UnknownAction,),
)
