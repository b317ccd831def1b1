"""The shop's domains over the API."""

from datetime import datetime
from typing import Annotated, Literal

from litestar import Controller, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from adapters.shared.http.auth import Caller
from adapters.shared.http.bodies import Answer, Body
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals
from adapters.tracking.http.shapes import READ, WRITE
from adapters.tracking.postgres.reads import Reads
from tracking.application.add_domain import AddDomain, NewDomain
from tracking.application.ask_for_check import AskForCheck
from tracking.application.change_domain import ChangeDomain
from tracking.application.remove_domain import RemoveDomain
from tracking.domain.shop_domain import DomainId, ShopDomain, readable

Host = Annotated[str, Meta(min_length=1, max_length=253, examples=["shop.nordlicht.example"])]


class DomainRequest(Body, frozen=True, kw_only=True):
    """The host alone: no `https://`, no path, no port."""

    host: Host


class DomainPatch(Body, frozen=True, kw_only=True):
    serves_links: bool
    """Links live on it: point the domain's DNS at this installation first."""


class ProofsAnswer(Answer, frozen=True, kw_only=True):
    """Show one of the three, then ask for a check."""

    dns_name: str
    dns_text: str
    """A TXT record of this name with this text;"""
    file_path: str
    file_text: str
    """or a file at this path with this text, over HTTPS;"""
    meta_tag: str
    """or this tag in the domain's start page."""


class DomainAnswer(Answer, frozen=True, kw_only=True):
    id: Annotated[str, Meta(examples=["dom_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    host: Host
    readable: str
    """The host as people write it: a letter that only looks like another one shows by the difference to `host`."""
    state: Literal["pending", "verified"]
    verified_by: Literal["dns", "file", "meta"] | None
    serves_links: bool
    proofs: ProofsAnswer
    added_at: datetime
    checked_at: datetime | None
    verified_at: datetime | None
    reason: str
    """Why the last check found nothing."""


class DomainList(Answer, frozen=True, kw_only=True):
    items: list[DomainAnswer]


class DomainController(Controller):
    path = "/api/v1/domains"
    tags = ("tracking",)

    @post(operation_id="addDomain", summary="Add a domain", guards=WRITE, responses=refusals(409, 422))
    async def add(
        self,
        data: JSONBody[DomainRequest],
        caller: NamedDependency[Caller],
        add_domain: NamedDependency[AddDomain],
    ) -> DomainAnswer:
        return _answer(await add_domain(NewDomain(shop_id=caller.shop_id, host=data.host)))

    @get(operation_id="listDomains", summary="The shop's domains", guards=READ, responses=refusals())
    async def read_all(self, caller: NamedDependency[Caller], tracking_reads: NamedDependency[Reads]) -> DomainList:
        return DomainList(items=[_answer(domain) for domain in await tracking_reads.domains(caller.shop_id)])

    @get(
        "/{domain_id:str}",
        operation_id="getDomain",
        summary="A domain: whether it is verified, and why not",
        guards=READ,
        responses=refusals(404),
    )
    async def read(
        self, domain_id: FromPath[str], caller: NamedDependency[Caller], tracking_reads: NamedDependency[Reads]
    ) -> DomainAnswer:
        return _answer(await tracking_reads.domain(caller.shop_id, _id(domain_id)))

    @post(
        "/{domain_id:str}/check",
        operation_id="checkDomain",
        summary="Look for the domain's proofs; read the domain a moment later to see what came of it",
        guards=WRITE,
        status_code=202,
        responses=refusals(404, 409, 422),
    )
    async def check(
        self, domain_id: FromPath[str], caller: NamedDependency[Caller], ask_for_check: NamedDependency[AskForCheck]
    ) -> DomainAnswer:
        return _answer(await ask_for_check(caller.shop_id, _id(domain_id)))

    @patch(
        "/{domain_id:str}",
        operation_id="changeDomain",
        summary="Let links live on the domain, or not any more",
        guards=WRITE,
        responses=refusals(404, 409, 422),
    )
    async def change(
        self,
        domain_id: FromPath[str],
        data: JSONBody[DomainPatch],
        caller: NamedDependency[Caller],
        change_domain: NamedDependency[ChangeDomain],
    ) -> DomainAnswer:
        return _answer(await change_domain(caller.shop_id, _id(domain_id), serves_links=data.serves_links))

    @delete(
        "/{domain_id:str}",
        operation_id="removeDomain",
        summary="Take a domain away: links that lead to it lead nowhere from then on",
        guards=WRITE,
        responses=refusals(404),
    )
    async def remove(
        self, domain_id: FromPath[str], caller: NamedDependency[Caller], remove_domain: NamedDependency[RemoveDomain]
    ) -> None:
        await remove_domain(caller.shop_id, _id(domain_id))


def _id(text: str) -> DomainId:
    return DomainId(from_wire("dom", text))


def _answer(domain: ShopDomain) -> DomainAnswer:
    return DomainAnswer(
        id=to_wire("dom", domain.domain_id),
        host=domain.host,
        readable=readable(domain.host),
        state=domain.state,
        verified_by=domain.proof,
        serves_links=domain.serves_links,
        proofs=ProofsAnswer(
            dns_name=domain.record_name,
            dns_text=domain.record_text,
            file_path=domain.file_path,
            file_text=domain.token,
            meta_tag=domain.meta_tag,
        ),
        added_at=domain.added_at,
        checked_at=domain.checked_at,
        verified_at=domain.verified_at,
        reason=domain.reason,
    )
