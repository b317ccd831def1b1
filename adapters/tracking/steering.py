"""What steering attribution offers: its routes, what they need, and its jobs."""

from collections.abc import Sequence
from typing import Any

import msgspec

from adapters.shared.ids import new_id
from adapters.shared.postgres.unit import Units
from adapters.shared.queue.jobs import Job
from adapters.tracking.http.chains import ChainController, PolicyController
from adapters.tracking.http.steering import CreditController, SteeringController
from adapters.tracking.postgres.code_uses import DECIDE_CODE_JOB
from adapters.tracking.postgres.code_uses import DecideCode as DecideCodePayload
from adapters.tracking.postgres.steering_reads import SteeringReads
from kernel.ids import ShopId
from tracking.application.credit_order import CreditOrder
from tracking.application.decide_code import DecideCode
from tracking.application.draft_chain import DraftChain
from tracking.application.set_chain import SetChain
from tracking.application.set_policy import SetPolicy
from tracking.application.settle_alert import SettleAlert
from tracking.application.withdraw_credit import WithdrawCredit
from tracking.ports import BeginWork

ROUTES = (ChainController, PolicyController, CreditController, SteeringController)
_payload = msgspec.json.Decoder(DecideCodePayload)


def needs(begin: BeginWork, units: Units) -> dict[str, Any]:
    """What the routes ask for, by name."""
    return {
        "credit_order": CreditOrder(begin, new_id),
        "withdraw_credit": WithdrawCredit(begin),
        "draft_chain": DraftChain(begin),
        "set_chain": SetChain(begin),
        "set_policy": SetPolicy(begin),
        "settle_alert": SettleAlert(begin),
        "steering": SteeringReads(units),
    }


def jobs(begin: BeginWork) -> Sequence[Job]:
    decide = DecideCode(begin)

    async def decide_code(shop_id: ShopId, payload: bytes) -> None:
        asked = _payload.decode(payload)
        await decide(shop_id, asked.code, asked.since)

    return (Job(DECIDE_CODE_JOB, decide_code),)
