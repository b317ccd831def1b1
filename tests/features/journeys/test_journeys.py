"""The journeys that cross contexts."""

from pytest_bdd import scenarios

scenarios("journeys")
