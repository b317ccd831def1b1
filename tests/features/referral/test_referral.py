"""The features of the referral context."""

from pytest_bdd import scenarios

scenarios("referral")
