"""Which invite codes others were told of. Of those from before that is not known: they are told of once more."""

from alembic import op

from adapters.shared.postgres.ddl import open_to

revision = "acquisition_0003"
down_revision = "acquisition_0002"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE acquisition.invite ADD COLUMN told boolean NOT NULL DEFAULT false",
    "CREATE INDEX invite_untold ON acquisition.invite (shop_id, code) WHERE NOT told",
    *open_to("acquisition", "invite", "relay", command="SELECT", columns="shop_id, told"),
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
