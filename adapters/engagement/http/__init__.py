"""Engagement over HTTP."""
