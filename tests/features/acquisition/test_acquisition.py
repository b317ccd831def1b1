"""The acquisition context's features."""

from pytest_bdd import scenarios

scenarios("acquisition")
