"""Tells, after an upgrade, what others began to hear of only with it."""

from acquisition.application.tell_old_invites import TellOldInvites
from adapters.acquisition.postgres.invites import SHOPS_WITH_UNTOLD
from adapters.shared.postgres.database import Database
from adapters.shared.postgres.sweep import shops_from
from adapters.shared.queue.jobs import Schedule


def telling_schedule(relay: Database, tell: TellOldInvites) -> Schedule:
    """Afterwards there is nothing to do, and it asks one question of an empty index."""

    async def tell_all() -> None:
        for shop_id in await shops_from(relay, SHOPS_WITH_UNTOLD):
            while await tell(shop_id):
                pass

    return Schedule("acquisition.tell_old_invites", "*/10 * * * *", tell_all)
