"""Invite codes, which friends type at checkout."""

from alembic import op

from adapters.shared.postgres.ddl import protect

revision = "tracking_0015"
down_revision = "tracking_0014"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
CREATE TABLE tracking.known_invite (
    shop_id uuid NOT NULL,
    code text NOT NULL,
    inviter_id uuid,
    campaign text NOT NULL,
    valid_from timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, code)
)""",
    "CREATE INDEX known_invite_inviter ON tracking.known_invite (shop_id, inviter_id) WHERE inviter_id IS NOT NULL",
    *protect("tracking", "known_invite", grants="SELECT, INSERT"),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
