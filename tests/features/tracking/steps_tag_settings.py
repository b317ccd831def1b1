"""Steps about how the tag is set up."""

import time

from pytest_bdd import given, parsers, then, when

from tests.features.tracking.steps_tag import Tag


@when("the marketer turns the tag off")
def turn_off(tag: Tag) -> None:
    assert tag.api("PATCH", json={"on": False}).json()["on"] is False


@when("the marketer revokes the tag's key")
def revoke_key(tag: Tag) -> None:
    time.sleep(0.7)  # until all is forgotten that is because the shop was opened: the key must be by itself
    assert tag.config().json()["on"] is True
    tag.shop.revoke_key(tag.key)


@then("the tag learns within a moment that it is off")
def is_off(tag: Tag) -> None:
    tag.shop.eventually(lambda: tag.config().json() == {"on": False})


@given("Mia and Tom both looked at how the tag is set up")
def both_looked(tag: Tag) -> None:
    tag.looked = tag.api("GET").headers["etag"]


@given("Mia has turned the tag off")
def mia_turned_off(tag: Tag) -> None:
    assert tag.api("PATCH", if_match=tag.looked, json={"on": False}).status_code == 200


@when(parsers.parse("Tom keeps cookies for {days:d} days"))
def keep_cookies(tag: Tag, days: int) -> None:
    tag.told = tag.api("PATCH", if_match=tag.looked, json={"cookie_days": days})


@then("Tom is told that somebody else changed the tag in the meantime")
def told_of_change(tag: Tag) -> None:
    assert (tag.told.status_code, tag.told.json()["code"]) == (412, "tag_changed")


@then(parsers.parse("the tag is still off, and keeps cookies for {days:d} days"))
def still_off(tag: Tag, days: int) -> None:
    settings = tag.read()
    assert (settings["on"], settings["cookie_days"]) == (False, days)
