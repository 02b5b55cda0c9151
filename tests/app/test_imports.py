"""An all-in-one process loads nothing of what it was not told to use."""

import subprocess
import sys

HEAVY = (
    "grpc", "grpc_health", "google.protobuf", "opentelemetry", "sentry_sdk", "requests", "urllib3",
    "aiokafka", "asyncpg", "redis", "obstore",
)  # fmt: skip
SCRIPT = f"""
import sys
import samovar.app.cli, samovar.app.serve
import uvicorn, uvloop
from samovar.app.registry import all_services
all_services()
import samovar.edge.application, samovar.edge.edge, samovar.edge.gateway.protocol, samovar.edge.settings
found = [name for name in {HEAVY!r} if name in sys.modules]
sys.exit(f"loaded: {{', '.join(found)}}" if found else 0)
"""


def test_what_is_not_configured_is_not_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
