"""The real servers of the split life, without containers: PostgreSQL, Redis, Kafka, S3 and OpenSearch.

`python -m tools.backends` is the command; tests import `Backends` and stop, kill, pause and restart
one server by its own pid.
"""

from tools.backends.backends import NAMES, Backends, Outcome, variable
from tools.backends.errors import Unavailable
from tools.backends.server import Server
from tools.backends.status import Status

__all__ = ["NAMES", "Backends", "Outcome", "Server", "Status", "Unavailable", "variable"]
