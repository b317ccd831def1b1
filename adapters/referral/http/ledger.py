"""The ledger: balances of its accounts and its transfers."""

from datetime import datetime
from typing import Annotated, Literal

from litestar import Controller, get
from litestar.di import NamedDependency
from msgspec import Meta

from adapters.referral.http.referrals import IdFilter
from adapters.referral.http.shapes import Cursor, Limit
from adapters.referral.postgres.reads import Reads
from adapters.shared.http.auth import Caller, requires
from adapters.shared.http.bodies import Answer, MoneyBody, decode_cursor, encode_cursor
from adapters.shared.http.ids import from_wire, to_wire
from adapters.shared.http.problems import refusals

READ = [requires("referral:read")]
Account = Literal["reward_cost", "pending:advocate", "pending:friend", "available", "credit"]


class AccountAnswer(Answer, frozen=True, kw_only=True):
    account: Account
    """What rewards cost the shop; earned by either side and waiting; approved; issued to the customer."""
    balance: MoneyBody
    """The sum of all postings, credits positive. All balances of a currency sum to zero."""


class AccountList(Answer, frozen=True, kw_only=True):
    items: list[AccountAnswer]
    next_cursor: str | None


class TransferAnswer(Answer, frozen=True, kw_only=True):
    """One amount moved from the debited to the credited account, by one step of one reward."""

    reward_id: Annotated[str, Meta(examples=["rwd_01k9z7d2m8f3rt5wq6x7y8z9ab"])]
    reward_revision: int
    customer_id: str
    debit: Account
    credit: Account
    amount: MoneyBody
    change: str
    at: datetime


class TransferList(Answer, frozen=True, kw_only=True):
    items: list[TransferAnswer]
    next_cursor: str | None


class LedgerController(Controller):
    path = "/api/v1/ledger"
    tags = ("referral",)

    @get(
        "/accounts",
        operation_id="listAccounts",
        summary="Balances of the ledger, of the shop or of one customer",
        guards=READ,
        responses=refusals(404, 422),
    )
    async def accounts(
        self, caller: NamedDependency[Caller], reads: NamedDependency[Reads], customer_id: IdFilter = None
    ) -> AccountList:
        found = await reads.accounts(caller.shop_id, None if customer_id is None else from_wire("cus", customer_id))
        items = [
            AccountAnswer(
                account=balance.account,  # type: ignore[arg-type]
                balance=MoneyBody(amount_minor=balance.amount_minor, currency=balance.currency),
            )
            for balance in found
        ]
        return AccountList(items=items, next_cursor=None)

    @get(
        "/transfers",
        operation_id="listTransfers",
        summary="Transfers of the ledger, newest first",
        guards=READ,
        responses=refusals(404, 422),
    )
    async def transfers(
        self,
        caller: NamedDependency[Caller],
        reads: NamedDependency[Reads],
        customer_id: IdFilter = None,
        reward_id: IdFilter = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> TransferList:
        position = decode_cursor(cursor, datetime, str, Annotated[int, Meta(ge=0, le=2**62)])  # type: ignore[arg-type]
        at, last, revision = position or (None, None, None)
        found = await reads.transfers(
            caller.shop_id,
            customer=None if customer_id is None else from_wire("cus", customer_id),
            reward=None if reward_id is None else from_wire("rwd", reward_id),
            at=at,
            last=None if last is None else from_wire("rwd", str(last)),
            revision=revision,
            limit=limit,
        )
        end = found[-1] if len(found) == limit else None
        return TransferList(
            items=[
                TransferAnswer(
                    reward_id=to_wire("rwd", row.reward_id),
                    reward_revision=row.revision,
                    customer_id=to_wire("cus", row.customer_id),
                    debit=row.debit,  # type: ignore[arg-type]
                    credit=row.credit,  # type: ignore[arg-type]
                    amount=MoneyBody(amount_minor=row.amount_minor, currency=row.currency),
                    change=row.change,
                    at=row.at,
                )
                for row in found
            ],
            next_cursor=None if end is None else encode_cursor(end.at, to_wire("rwd", end.reward_id), end.revision),
        )
