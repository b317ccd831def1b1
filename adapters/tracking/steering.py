"""What steering attribution offers: its routes, what they need, and its jobs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from adapters.shared.ids import new_id
from adapters.shared.postgres.unit import Units
from adapters.shared.queue.jobs import Job
from adapters.tracking.http.chains import ChainController
from adapters.tracking.http.coupon_sites import CouponSiteController
from adapters.tracking.http.policies import PolicyController
from adapters.tracking.http.replays import ReplayController
from adapters.tracking.http.steering import CreditController, SteeringController
from adapters.tracking.postgres.code_uses import DECIDE_CODE_JOB
from adapters.tracking.postgres.code_uses import DecideCode as DecideCodePayload
from adapters.tracking.postgres.replays import REPLAY_JOB, ReplayReads
from adapters.tracking.postgres.steering_reads import SteeringReads
from kernel.ids import ShopId
from tracking.application.ask_replay import AskReplay
from tracking.application.credit_order import CreditOrder
from tracking.application.decide_code import DecideCode
from tracking.application.draft_chain import DraftChain
from tracking.application.exempt_code import ExemptCode
from tracking.application.run_replay import RunReplay
from tracking.application.set_chain import SetChain
from tracking.application.set_policy import SetPolicy
from tracking.application.set_site_rule import SetSiteRule
from tracking.application.settle_alert import SettleAlert
from tracking.application.watch_code_again import WatchCodeAgain
from tracking.application.withdraw_chain import WithdrawChain
from tracking.application.withdraw_credit import WithdrawCredit
from tracking.application.withdraw_policy import WithdrawPolicy
from tracking.application.withdraw_site_rule import WithdrawSiteRule
from tracking.domain.replay import ReplayId
from tracking.ports import BeginWork

ROUTES = (
    ChainController,
    PolicyController,
    CreditController,
    SteeringController,
    CouponSiteController,
    ReplayController,
)
_payload = msgspec.json.Decoder(DecideCodePayload)


def needs(begin: BeginWork, units: Units) -> dict[str, Any]:
    """What the routes ask for, by name."""
    return {
        "credit_order": CreditOrder(begin, new_id),
        "withdraw_credit": WithdrawCredit(begin),
        "draft_chain": DraftChain(begin),
        "set_chain": SetChain(begin),
        "withdraw_chain": WithdrawChain(begin),
        "set_policy": SetPolicy(begin),
        "withdraw_policy": WithdrawPolicy(begin),
        "settle_alert": SettleAlert(begin),
        "set_site_rule": SetSiteRule(begin),
        "withdraw_site_rule": WithdrawSiteRule(begin),
        "exempt_code": ExemptCode(begin),
        "watch_code_again": WatchCodeAgain(begin),
        "steering": SteeringReads(units),
        "ask_replay": AskReplay(begin, new_id),
        "replay_reads": ReplayReads(units),
    }


def jobs(begin: BeginWork) -> Sequence[Job]:
    decide = DecideCode(begin)

    async def decide_code(shop_id: ShopId, payload: bytes) -> None:
        asked = _payload.decode(payload)
        await decide(shop_id, asked.code, asked.since)

    run = RunReplay(begin)

    async def run_replay(shop_id: ShopId, payload: bytes) -> None:
        await run(shop_id, ReplayId(UUID(bytes=payload)))

    return (Job(DECIDE_CODE_JOB, decide_code), Job(REPLAY_JOB, run_replay))
