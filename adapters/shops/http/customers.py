"""Customers in the vault: who they are, and their right to be forgotten."""

from datetime import datetime
from typing import Annotated

from litestar import Controller, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from adapters.shared.http.auth import Caller, requires
from adapters.shared.http.bodies import Answer, Body, Email, OptionalLine, Reference
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from kernel.ids import CustomerId
from shops.application.erase_customer import EraseCustomer, Erasure
from shops.application.identify_customers import IdentifyCustomers, Introductions
from shops.application.queries.find_customer import FindCustomer
from shops.domain.audit import Actor
from shops.domain.recognition import Introduction


class CustomerRequest(Body, frozen=True, kw_only=True):
    """At least a reference or an e-mail address."""

    reference: Reference | None = None
    email: Email | None = None
    first_name: OptionalLine = ""
    last_name: OptionalLine = ""
    locale: Annotated[str, Meta(max_length=35, examples=["de"])] | None = None
    phone: Annotated[str, Meta(max_length=40, examples=["+49 30 1234567"])] | None = None


class IdentifiedAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["cus_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    person_id: Annotated[str, Meta(examples=["per_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    """The same for all of the shop's customers who share an e-mail address."""


class CustomerAnswer(IdentifiedAnswer, frozen=True, kw_only=True):
    reference: str | None
    email: str | None
    first_name: str
    last_name: str
    locale: str | None
    phone: str | None
    created_at: datetime


class CustomerController(Controller):
    path = "/api/v1/customers"
    tags = ("shops",)

    @post(
        operation_id="identifyCustomer",
        summary="Find or make the record of a customer",
        status_code=200,
        guards=[requires("shops:write")],
        responses=refusals(409, 422),
    )
    async def identify(
        self,
        data: JSONBody[CustomerRequest],
        caller: NamedDependency[Caller],
        identify_customers: NamedDependency[IdentifyCustomers],
    ) -> IdentifiedAnswer:
        said = Introduction(
            reference=data.reference,
            email=data.email,
            first_name=data.first_name,
            last_name=data.last_name,
            locale=data.locale,
            phone=data.phone,
        )
        (identified,) = await identify_customers(Introductions(shop_id=caller.shop_id, people=(said,), strict=True))
        return IdentifiedAnswer(
            id=to_wire("cus", identified.customer_id), person_id=to_wire("per", identified.person_id)
        )

    @get(
        "/{customer_id:str}",
        operation_id="getCustomer",
        summary="A customer's record",
        guards=[requires("shops:read")],
        responses=refusals(404, 410),
    )
    async def read(
        self, customer_id: FromPath[str], caller: NamedDependency[Caller], find_customer: NamedDependency[FindCustomer]
    ) -> CustomerAnswer:
        customer = await find_customer(caller.shop_id, CustomerId(from_wire("cus", customer_id)))
        return CustomerAnswer(
            id=to_wire("cus", customer.customer_id),
            person_id=to_wire("per", customer.person_id),
            reference=customer.reference,
            email=customer.email,
            first_name=customer.first_name,
            last_name=customer.last_name,
            locale=customer.locale,
            phone=customer.phone,
            created_at=customer.created_at,
        )

    @delete(
        "/{customer_id:str}",
        operation_id="eraseCustomer",
        summary="Erase a customer's personal data",
        description="The id stays and means nobody. Erasing again changes nothing.",
        guards=[requires("shops:write")],
        responses=refusals(404),
    )
    async def erase(
        self,
        customer_id: FromPath[str],
        caller: NamedDependency[Caller],
        erase_customer: NamedDependency[EraseCustomer],
    ) -> None:
        erased = CustomerId(from_wire("cus", customer_id))
        await erase_customer(Erasure(shop_id=caller.shop_id, customer_id=erased, actor=Actor("key", caller.key_id)))
