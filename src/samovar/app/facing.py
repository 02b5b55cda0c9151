"""The edge over a house."""

from samovar.app.house import House
from samovar.edge.edge import Edge
from samovar.edge.settings import EdgeSettings
from samovar.kernel.settings import Secret


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
    )
