"""Who hears which fact is written down once, in the host, and is what the contexts themselves say."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.host.composition import Installation
from adapters.host.contexts import HEARS, PATIENT
from kernel.events import Event
from tests.support.database import test_settings

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "contracts" / "golden"
PERSONAL = ("email", "e_mail", "first_name", "last_name", "phone", "address", "street", "birth")


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """Every context, composed; nothing here asks the database."""
    yield Installation(test_settings(contexts=""), "postgresql://nowhere")


def published() -> dict[str, type[Event]]:
    """Every event of every context's published language."""
    import importlib

    for context in ("shops", "referral", "acquisition", "engagement", "tracking"):
        importlib.import_module(f"{context}.events")
    return {event.name: event for event in Event.__subclasses__() if event.__module__.endswith(".events")}


def test_what_contexts_subscribe_to_is_what_the_host_delivers(installation: Installation) -> None:
    subscribed: dict[str, set[str]] = {}
    for name, context in installation.contexts.items():
        for subscription in context.offer.subscriptions:
            subscribed.setdefault(subscription.event, set()).add(name)
    # Every context but shops learns what a shop is through the toolkit, without a subscription of its own.
    subscribed.setdefault("shops.shop_changed", set()).update(set(installation.contexts) - {"shops"})
    told = {event: {name.partition(".")[0] for name in names} for event, names in HEARS.items() if names}
    assert subscribed == told


def test_only_those_who_hear_are_patient() -> None:
    assert {name for names in HEARS.values() for name in names} >= PATIENT


def test_only_published_facts_are_delivered() -> None:
    assert set(HEARS) <= set(published())


def test_every_published_fact_has_a_golden_file() -> None:
    missing = [name for name, event in published().items() if not (GOLDEN / f"{name}.v{event.version}.json").exists()]
    assert missing == []


def test_an_event_is_named_by_its_context() -> None:
    assert [name for name, event in published().items() if name.split(".")[0] != event.__module__.split(".")[0]] == []


def test_facts_carry_no_personal_data() -> None:
    """Every other context keeps facts for a month or for ever, and nobody could erase a name from them."""
    found = [
        f"{path.name}: {word}"
        for path in GOLDEN.glob("*.json")
        for word in PERSONAL
        if f'"{word}":' in path.read_text()
    ]
    assert found == []


def test_jobs_and_schedules_have_names_of_their_own(installation: Installation) -> None:
    names = [job.name for context in installation.contexts.values() for job in context.offer.jobs]
    names += [schedule.name for context in installation.contexts.values() for schedule in context.offer.schedules]
    assert len(names) == len(set(names))
