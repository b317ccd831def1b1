"""Counters of the toolkits, read at /metrics."""

from prometheus_client import Counter, Histogram

DELIVERED = Counter("grapevine_facts_delivered_total", "Facts that reached a subscriber", ["producer", "subscriber"])
DELIVERY_FAILED = Counter("grapevine_fact_failures_total", "Deliveries that failed", ["producer", "subscriber"])
PARKED = Counter("grapevine_parked_total", "Items that were given up after their tries", ["queue"])
REQUEST_SECONDS = Histogram(
    "grapevine_request_seconds",
    "Time from request to answer",
    ["operation", "status"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
