"""The tracking context's features."""

from pytest_bdd import scenarios

scenarios("tracking")
