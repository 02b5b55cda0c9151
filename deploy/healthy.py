#!/usr/bin/env -S /usr/local/bin/python3 -I -S
"""Is the Samovar in this container ready? The HEALTHCHECK of its image.

A process with the edge answers /readyz on port 8000; one without it where SAMOVAR_PROCESS__HEALTH says.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException

address = os.environ.get("SAMOVAR_PROCESS__HEALTH") or "127.0.0.1:8000"
host, _, port = address.rpartition(":")
if host in ("", "0.0.0.0", "[::]"):
    host = "127.0.0.1"
connection = HTTPConnection(host, int(port), timeout=3)
try:
    connection.request("GET", "/readyz")
    answer = connection.getresponse()
    said = answer.read(1000).decode(errors="replace")
except (OSError, HTTPException) as error:
    sys.exit(f"not answering at {address}: {error}")
print(said)
sys.exit(0 if answer.status == 200 else 1)
