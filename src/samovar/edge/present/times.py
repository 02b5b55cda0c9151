"""Points in time as the API writes them."""

from datetime import UTC, datetime


def rfc3339(time: int) -> str:
    """Microseconds since 1970 UTC as RFC 3339, to a millisecond."""
    return datetime.fromtimestamp(time / 1e6, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
