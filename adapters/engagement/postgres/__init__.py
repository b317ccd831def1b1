"""Engagement in PostgreSQL."""
