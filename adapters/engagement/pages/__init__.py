"""The few pages that people see from engagement: unsubscribing, and the demo's outbox."""
