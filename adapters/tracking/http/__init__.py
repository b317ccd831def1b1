"""Tracking over HTTP."""
