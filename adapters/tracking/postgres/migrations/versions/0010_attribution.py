"""Chains as data, what a person decides, coupon-site alerts, replays, and what the new methods go by."""

from alembic import op

from adapters.shared.postgres.ddl import protect

revision = "tracking_0010"
down_revision = "tracking_0009"
branch_labels = None
depends_on = None

METHODS = (
    "'manual', 'signed_claim', 'coupon_code', 'click_id', 'cookie', 'friend_email', 'phone', 'refer_by_name',"
    " 'invite_code', 'campaign_utm', 'same_address'"
)

KNOWN = (
    "ALTER TABLE tracking.known_advocate ADD COLUMN customer_id uuid, ADD COLUMN name_key uuid",
    "CREATE INDEX known_advocate_name ON tracking.known_advocate (shop_id, name_key) WHERE name_key IS NOT NULL",
    "CREATE INDEX known_advocate_customer ON tracking.known_advocate (shop_id, customer_id)"
    " WHERE customer_id IS NOT NULL",
    "GRANT UPDATE (name_key) ON tracking.known_advocate TO grapevine_tracking",
    "ALTER TABLE tracking.known_claim ADD COLUMN phone_id uuid",
    "CREATE INDEX known_claim_phone ON tracking.known_claim (shop_id, phone_id) WHERE phone_id IS NOT NULL",
    """
CREATE TABLE tracking.known_seat (
    shop_id uuid NOT NULL,
    person_id uuid NOT NULL,
    code text NOT NULL,
    redeemed_at timestamptz NOT NULL,
    inviter_id uuid,
    campaign text NOT NULL,
    PRIMARY KEY (shop_id, person_id, code, redeemed_at)
)""",
    "CREATE INDEX known_seat_inviter ON tracking.known_seat (shop_id, inviter_id) WHERE inviter_id IS NOT NULL",
    *protect("tracking", "known_seat", grants="SELECT, INSERT"),
    # For facts that come later than the hints that name them.
    "CREATE INDEX order_hint_claim ON tracking.order_hint (shop_id, claim_id) WHERE claim_id IS NOT NULL",
    "CREATE INDEX order_hint_click ON tracking.order_hint (shop_id, click_id) WHERE click_id IS NOT NULL",
    "CREATE INDEX order_hint_codes ON tracking.order_hint USING gin (codes) WHERE codes <> '{}'",
)

RULES = (
    """
CREATE TABLE tracking.chain (
    shop_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    version int NOT NULL CHECK (version > 1),
    since timestamptz NOT NULL,
    plan json NOT NULL,
    set_by text NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, programme_id, version),
    UNIQUE (shop_id, programme_id, since)
)""",
    *protect("tracking", "chain", grants="SELECT, INSERT"),
    """
CREATE TABLE tracking.chain_draft (
    shop_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    plan json NOT NULL,
    drafted_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, programme_id)
)""",
    *protect("tracking", "chain_draft"),
    """
CREATE TABLE tracking.attribution_policy (
    shop_id uuid NOT NULL,
    version int NOT NULL CHECK (version > 1),
    since timestamptz NOT NULL,
    conflict text NOT NULL CHECK (conflict IN ('chain_order', 'newest_touch', 'refuse')),
    touch text NOT NULL CHECK (touch IN ('first', 'last')),
    set_by text NOT NULL,
    set_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, version),
    UNIQUE (shop_id, since)
)""",
    *protect("tracking", "attribution_policy", grants="SELECT, INSERT"),
)

DECISIONS = (
    f"""
ALTER TABLE tracking.orders
    ADD COLUMN programme_id uuid,
    ADD COLUMN campaign text,
    ADD COLUMN review text,
    ADD COLUMN phone_id uuid,
    ADD COLUMN name_key uuid,
    DROP CONSTRAINT orders_method_check,
    ADD CONSTRAINT orders_method_check CHECK (method IN ({METHODS})) NOT VALID
""",
    "ALTER TABLE tracking.orders VALIDATE CONSTRAINT orders_method_check",
    "CREATE INDEX orders_of_phone ON tracking.orders (shop_id, phone_id) WHERE phone_id IS NOT NULL",
    "CREATE INDEX orders_of_name ON tracking.orders (shop_id, name_key) WHERE name_key IS NOT NULL",
    "CREATE INDEX orders_to_review ON tracking.orders (shop_id, order_id) WHERE review IS NOT NULL",
    """
CREATE TABLE tracking.order_credit (
    shop_id uuid NOT NULL,
    credit_id uuid NOT NULL,
    order_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    advocate_id uuid NOT NULL,
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
    credited_by text NOT NULL,
    credited_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_by text,
    withdrawn_reason text CHECK (length(withdrawn_reason) BETWEEN 1 AND 1000),
    PRIMARY KEY (shop_id, credit_id),
    FOREIGN KEY (shop_id, order_id) REFERENCES tracking.orders (shop_id, order_id),
    CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL) AND (withdrawn_at IS NULL) = (withdrawn_reason IS NULL))
)""",
    # One at a time: whom a person credits the order to now.
    "CREATE UNIQUE INDEX order_credit_in_force ON tracking.order_credit (shop_id, order_id) WHERE withdrawn_at IS NULL",
    "CREATE INDEX order_credit_of_order ON tracking.order_credit (shop_id, order_id)",
    *protect("tracking", "order_credit", grants="SELECT, INSERT, UPDATE"),
)

COUPON_SITES = (
    """
CREATE TABLE tracking.code_use (
    shop_id uuid NOT NULL,
    code text NOT NULL,
    order_id uuid NOT NULL,
    placed_at timestamptz NOT NULL,
    touched boolean NOT NULL,
    PRIMARY KEY (shop_id, code, order_id)
)""",
    "CREATE INDEX code_use_placed ON tracking.code_use (shop_id, code, placed_at) INCLUDE (touched)",
    "CREATE INDEX code_use_order ON tracking.code_use (shop_id, order_id)",
    *protect("tracking", "code_use"),
    """
CREATE TABLE tracking.coupon_alert (
    shop_id uuid NOT NULL,
    code text NOT NULL,
    programme_id uuid NOT NULL,
    advocate_id uuid NOT NULL,
    tripped_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'blocked', 'released')),
    raised_at timestamptz NOT NULL,
    settled_at timestamptz,
    settled_by text,
    settled_reason text CHECK (length(settled_reason) BETWEEN 1 AND 1000),
    PRIMARY KEY (shop_id, code),
    CHECK ((state = 'open') = (settled_at IS NULL))
)""",
    *protect("tracking", "coupon_alert"),
)

REPLAYS = (
    """
CREATE TABLE tracking.replay (
    shop_id uuid NOT NULL,
    replay_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    plan json NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('waiting', 'running', 'done')),
    orders_total bigint NOT NULL CHECK (orders_total >= 0),
    orders_done bigint NOT NULL CHECK (orders_done >= 0),
    reached uuid,
    asked_by text NOT NULL,
    asked_at timestamptz NOT NULL,
    done_at timestamptz,
    PRIMARY KEY (shop_id, replay_id)
)""",
    *protect("tracking", "replay", grants="SELECT, INSERT, UPDATE"),
    f"""
CREATE TABLE tracking.replay_difference (
    shop_id uuid NOT NULL,
    replay_id uuid NOT NULL,
    order_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('gained', 'lost', 'moved', 'other_method')),
    number text NOT NULL,
    placed_at timestamptz NOT NULL,
    base_minor bigint NOT NULL,
    final_base_minor bigint NOT NULL,
    old_method text CHECK (old_method IN ({METHODS})),
    old_programme_id uuid,
    old_advocate_id uuid,
    old_campaign text,
    new_method text CHECK (new_method IN ({METHODS})),
    new_programme_id uuid,
    new_advocate_id uuid,
    new_campaign text,
    new_reason text NOT NULL,
    PRIMARY KEY (shop_id, replay_id, order_id),
    FOREIGN KEY (shop_id, replay_id) REFERENCES tracking.replay (shop_id, replay_id)
)""",
    *protect("tracking", "replay_difference", grants="SELECT, INSERT"),
)


def upgrade() -> None:
    for statement in (*KNOWN, *RULES, *DECISIONS, *COUPON_SITES, *REPLAYS):
        op.execute(statement)
