"""Roll-ups of what tracking knows, and the reports that read them."""
