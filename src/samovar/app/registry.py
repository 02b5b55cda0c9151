"""The services there are. A new one adds its line here."""

from importlib import import_module

from samovar.kernel.service import Service

NAMES = (
    "identity",
    "profiles",
    "graph",
    "media",
    "posts",
    "reactions",
    "feed",
    "notifications",
    "delivery",
    "realtime",
    "search",
    "analytics",
    "moderation",
    "limits",
    "logs",
)


def all_services() -> tuple[Service, ...]:
    """Every service's manifest, in the order they start."""
    return tuple(import_module(f"samovar.services.{name}").SERVICE for name in NAMES)
