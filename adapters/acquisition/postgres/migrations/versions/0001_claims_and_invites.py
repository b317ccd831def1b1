"""What is heard of programmes and advocates; claimed deals; invite codes and their seats."""

from alembic import op

from adapters.shared.postgres.ddl import open_to, protect, toolkit_tables

revision = "acquisition_0001"
down_revision = None
branch_labels = None
depends_on = None

# A hint for the reader of `pages/`: the watcher compares revisions across shops, so the relay role may read them.
FACTS = (
    """
CREATE TABLE acquisition.programme (
    shop_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    revision bigint NOT NULL,
    title text NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'live', 'paused', 'ended')),
    terms json,
    PRIMARY KEY (shop_id, programme_id)
)""",
    *protect("acquisition", "programme", grants="SELECT, INSERT, UPDATE"),
    *open_to("acquisition", "programme", "relay", command="SELECT", columns="shop_id, programme_id, revision"),
    """
CREATE TABLE acquisition.advocate (
    shop_id uuid NOT NULL,
    advocate_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    person_id uuid NOT NULL,
    code text NOT NULL CHECK (length(code) BETWEEN 1 AND 64),
    PRIMARY KEY (shop_id, advocate_id),
    UNIQUE (shop_id, code)
)""",
    *protect("acquisition", "advocate", grants="SELECT, INSERT"),
    """
CREATE TABLE acquisition.erased_customer (
    shop_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    PRIMARY KEY (shop_id, customer_id)
)""",
    *protect("acquisition", "erased_customer", grants="SELECT, INSERT"),
    *open_to("acquisition", "erased_customer", "relay", command="SELECT"),
    "CREATE INDEX known_shop_slug ON acquisition.known_shop (slug)",
)

CLAIM = (
    """
CREATE TABLE acquisition.claim (
    shop_id uuid NOT NULL,
    claim_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    advocate_id uuid NOT NULL,
    friend_id uuid NOT NULL,
    person_id uuid NOT NULL,
    code text NOT NULL CHECK (length(code) BETWEEN 1 AND 64),
    click_id uuid,
    locale text NOT NULL,
    claimed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at >= claimed_at),
    PRIMARY KEY (shop_id, claim_id),
    UNIQUE (shop_id, programme_id, advocate_id, person_id),
    UNIQUE (shop_id, code)
)""",
    *protect("acquisition", "claim", grants="SELECT, INSERT"),
)

INVITE = (
    """
CREATE TABLE acquisition.invite (
    shop_id uuid NOT NULL,
    code text NOT NULL CHECK (length(code) BETWEEN 4 AND 32),
    inviter_id uuid,
    inviter_person_id uuid,
    campaign text NOT NULL CHECK (length(campaign) <= 200),
    seats int NOT NULL CHECK (seats > 0),
    seats_left int NOT NULL CHECK (seats_left BETWEEN 0 AND seats),
    per_person int NOT NULL CHECK (per_person > 0),
    valid_from timestamptz NOT NULL,
    expires_at timestamptz NOT NULL CHECK (expires_at > valid_from),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, code),
    CHECK ((inviter_id IS NULL) = (inviter_person_id IS NULL)),
    CHECK ((inviter_id IS NULL) = (campaign <> ''))
)""",
    *protect("acquisition", "invite", grants="SELECT, INSERT, UPDATE"),
    "CREATE INDEX invite_created ON acquisition.invite (shop_id, created_at DESC, code DESC)",
    """
CREATE TABLE acquisition.invite_seat (
    shop_id uuid NOT NULL,
    code text NOT NULL,
    seat int NOT NULL CHECK (seat > 0),
    customer_id uuid NOT NULL,
    person_id uuid NOT NULL,
    taken_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, code, seat),
    FOREIGN KEY (shop_id, code) REFERENCES acquisition.invite (shop_id, code)
)""",
    "CREATE INDEX invite_seat_person ON acquisition.invite_seat (shop_id, code, person_id)",
    *protect("acquisition", "invite_seat", grants="SELECT, INSERT"),
)


def upgrade() -> None:
    for statement in (*toolkit_tables("acquisition"), *FACTS, *CLAIM, *INVITE):
        op.execute(statement)
