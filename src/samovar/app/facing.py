"""The edge over a house."""

from collections.abc import Sequence

import msgspec

from samovar.app.config import SECTIONS
from samovar.app.house import House
from samovar.edge.edge import Edge
from samovar.edge.settings import EdgeSettings
from samovar.kernel.service import Service
from samovar.kernel.settings import Secret, Section, Source, section_of


def edge_of(house: House, settings: EdgeSettings, secret: Secret) -> Edge:
    """What the parts of the edge share, taken from the house's backends."""
    back = house.backends
    return Edge(
        peers=house.peers,
        clock=back.clock,
        cache=back.cache,
        pubsub=back.pubsub,
        limiter=house.limiter,
        presence=back.presence,
        blobs=back.blobs,
        site=house.site,
        settings=settings,
        health=house.health,
        secret=secret,
        process=house.process,
        sections=lambda: sections(house.source, house.services),
    )


def sections(source: Source, services: Sequence[Service]) -> list[Section]:
    """Every section of the settings as it is in force."""
    own: list[tuple[str, type[msgspec.Struct]]] = [*SECTIONS, ("edge", EdgeSettings)]
    named = own + [(service.name, service.settings) for service in services]
    return [section_of(source, name, kind) for name, kind in named if kind.__struct_fields__]
