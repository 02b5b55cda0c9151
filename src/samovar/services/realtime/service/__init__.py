"""Use cases of realtime: the log of each person, what events make of it, and who is where."""

from samovar.services.realtime.service.heard import Heard
from samovar.services.realtime.service.logs import Logs
from samovar.services.realtime.service.places import Places

__all__ = ["Heard", "Logs", "Places"]
