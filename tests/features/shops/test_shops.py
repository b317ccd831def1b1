"""The shops context's features."""

from pytest_bdd import scenarios

scenarios("shops")
