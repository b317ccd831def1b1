"""Tracking's PostgreSQL."""
