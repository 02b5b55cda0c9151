"""Metrics, under the same names in every life. Logs are in `logs`, traces in `tracing`."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector

from samovar.kernel.logs import configure_logs as configure_logs

registry = CollectorRegistry()
# Memory, processor time, open files: `process_*`, named as Prometheus names them everywhere.
ProcessCollector(registry=registry)

CALL_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)

http_requests = Counter(
    "samovar_http_requests_total",
    "Requests answered.",
    ["route", "method", "code_class"],
    registry=registry,
)
http_duration = Histogram(
    "samovar_http_request_duration_seconds",
    "Time to answer a request.",
    ["route", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=registry,
)
calls = Counter(
    "samovar_calls_total",
    "Contract calls, where they are made.",
    ["contract", "method", "status"],
    registry=registry,
)
call_duration = Histogram(
    "samovar_call_duration_seconds",
    "Time until a contract call is answered, where it is made. Of calls within a process one in 16 is timed.",
    ["contract", "method"],
    buckets=CALL_BUCKETS,
    registry=registry,
)
served_calls = Counter(
    "samovar_served_calls_total",
    "Contract calls of other processes, where they are answered.",
    ["contract", "method", "status"],
    registry=registry,
)
served_duration = Histogram(
    "samovar_served_call_duration_seconds",
    "Time to answer a contract call of another process.",
    ["contract", "method"],
    buckets=CALL_BUCKETS,
    registry=registry,
)
peer_breaker_open = Gauge(
    "samovar_peer_breaker_open",
    "1 while a peer that failed again and again is left alone.",
    ["peer"],
    registry=registry,
)
peer_addresses = Gauge(
    "samovar_peer_addresses",
    "Addresses of a peer that calls are sent to.",
    ["peer"],
    registry=registry,
)
peer_in_flight = Gauge("samovar_peer_calls_in_flight", "Calls sent to a peer.", ["peer"], registry=registry)
peer_waiting = Gauge(
    "samovar_peer_calls_waiting",
    "Calls that wait until fewer are sent to a peer.",
    ["peer"],
    registry=registry,
)
peer_refused = Counter(
    "samovar_peer_calls_refused_total",
    "Calls given up before they were sent: too many waiting, too late, or the peer is left alone.",
    ["peer", "reason"],
    registry=registry,
)
peer_retries = Counter(
    "samovar_peer_retries_total",
    "Calls sent to a peer once more.",
    ["peer"],
    registry=registry,
)
events_handled = Counter(
    "samovar_events_handled_total",
    "Events whose effect is in.",
    ["service", "event"],
    registry=registry,
)
duplicates = Counter(
    "samovar_inbox_duplicates_total",
    "Events that came again.",
    ["service"],
    registry=registry,
)
dead_letters = Counter(
    "samovar_dlq_events_total",
    "Events and jobs given up.",
    ["service"],
    registry=registry,
)
outbox_age = Gauge(
    "samovar_outbox_oldest_age_seconds",
    "Age of the oldest unpublished event.",
    ["service"],
    registry=registry,
)
outbox_pending = Gauge("samovar_outbox_pending", "Unpublished events.", ["service"], registry=registry)
consumer_lag = Gauge(
    "samovar_consumer_lag_events",
    "Events on the bus that are yet to be taken.",
    ["service"],
    registry=registry,
)
unreadable = Counter(
    "samovar_bus_unreadable_total",
    "Messages on the bus that can't be read.",
    ["service"],
    registry=registry,
)
auth_failures = Counter(
    "samovar_auth_failures_total",
    "Sign-ins and tokens refused.",
    ["reason"],
    registry=registry,
)
delivered = Counter(
    "samovar_delivery_messages_total",
    "What became of messages to people outside, try by try.",
    ["channel", "outcome"],
    registry=registry,
)
delivery_waiting = Gauge(
    "samovar_delivery_waiting", "Messages to people outside that wait.", ["channel"], registry=registry
)
delivery_oldest = Gauge(
    "samovar_delivery_oldest_seconds",
    "Age of the oldest message to people outside that waits.",
    ["channel"],
    registry=registry,
)
moderation_waiting = Gauge(
    "samovar_moderation_waiting",
    "What waits for a moderator: open cases, items held until they are approved, appeals.",
    ["what"],
    registry=registry,
)
moderation_oldest = Gauge(
    "samovar_moderation_oldest_case_seconds", "Age of the oldest open case.", registry=registry
)
search_waiting = Gauge(
    "samovar_search_waiting", "Documents that changed and are not yet in the search index.", registry=registry
)
search_age = Gauge(
    "samovar_search_oldest_seconds", "Age of the oldest change that is not yet in it.", registry=registry
)
search_documents = Gauge("samovar_search_documents", "Documents that can be found.", registry=registry)
search_bytes = Gauge("samovar_search_bytes", "Size of the search index.", registry=registry)
sockets_open = Gauge(
    "samovar_sockets_open",
    "Live connections: WebSockets and event streams.",
    ["kind"],
    registry=registry,
)
socket_messages = Counter(
    "samovar_socket_messages_total",
    "Messages given to live connections.",
    ["kind"],
    registry=registry,
)
sockets_closed = Counter(
    "samovar_sockets_closed_total",
    "Live connections that we ended, by close code; 4408 are readers that were too slow.",
    ["code"],
    registry=registry,
)
limit_decisions = Counter(
    "samovar_limit_decisions_total",
    "Decisions of the rate limiter.",
    ["action", "outcome"],
    registry=registry,
)
shed = Counter(
    "samovar_http_shed_total",
    "Requests turned away with 503 because there were too many at once.",
    ["reason"],
    registry=registry,
)
jobs_run = Counter(
    "samovar_jobs_total",
    "Jobs run, by how it went: done, failed (tried again later), dead (given up).",
    ["service", "outcome"],
    registry=registry,
)
logs_kept = Counter(
    "samovar_logs_kept_total",
    "Log entries brought to where they are kept: our own logs, or Loki.",
    ["sink"],
    registry=registry,
)
logs_dropped = Counter(
    "samovar_logs_dropped_total",
    "Log entries that were not brought there: too many at once, or it was away for too long.",
    ["sink"],
    registry=registry,
)
backup_age = Gauge(
    "samovar_backup_age_seconds",
    "Time since backup.at in the data folder was touched, as `samovar backup` does.",
    registry=registry,
)
build_info = Gauge(
    "samovar_build_info",
    "Always 1; its label is the version.",
    ["version"],
    registry=registry,
)
