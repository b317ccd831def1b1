"""The features of the engagement context."""

from pytest_bdd import scenarios

scenarios("engagement")
