"""What a report is narrowed to: a value of any dimension, and of several."""

from collections.abc import Mapping
from typing import Final

from litestar.di import NamedDependency, Provide

from adapters.tracking.http.report_shapes import ValueQuery
from kernel.errors import DomainError


class TwoValues(DomainError):
    code = "two_values_of_one_dimension"
    title = "A report is narrowed to one value of a dimension"


class ValueWithoutDimension(DomainError):
    code = "value_without_dimension"
    title = "A value needs the dimension that it is a value of, and a dimension its value"


def ways_of(dimension: str | None, value: str | None, narrowing: Mapping[str, str]) -> dict[str, str]:
    """The values that a report is narrowed to, by dimension."""
    if (dimension is None) != (value is None):
        raise ValueWithoutDimension(pointer="/dimension" if dimension is None else "/value")
    if dimension is None or value is None:
        return dict(narrowing)
    if narrowing.get(dimension, value) != value:
        raise TwoValues(pointer=f"/{dimension}")
    return {**narrowing, dimension: value}


def of_click(
    channel: ValueQuery = None,
    campaign: ValueQuery = None,
    source: ValueQuery = None,
    country: ValueQuery = None,
    device: ValueQuery = None,
) -> dict[str, str]:
    """What a report is narrowed to, of what is known of a click."""
    said = {"channel": channel, "campaign": campaign, "source": source, "country": country, "device": device}
    return {name: value for name, value in said.items() if value is not None}


def of_anything(
    ways: NamedDependency[dict[str, str]], method: ValueQuery = None, credit: ValueQuery = None
) -> dict[str, str]:
    """As of a click, and by how an order was credited."""
    said = {"method": method, "credit": credit}
    return ways | {name: value for name, value in said.items() if value is not None}


WAYS: Final = Provide(of_click, sync_to_thread=False)
NARROWING: Final = {"ways": WAYS, "narrowing": Provide(of_anything, sync_to_thread=False)}
"""Dependencies of a report that can be narrowed to a value of any dimension, and of several."""
