"""Use cases of feed: timelines that people read, and what feed learns from events."""

from samovar.services.feed.service.projection import Projection
from samovar.services.feed.service.timelines import Timelines

__all__ = ["Projection", "Timelines"]
