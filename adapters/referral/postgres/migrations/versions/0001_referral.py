"""Programmes, advocates, settled orders, referrals, rewards and the ledger."""

from alembic import op

from adapters.shared.postgres.ddl import open_to, protect, toolkit_tables

revision = "referral_0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = "SELECT, INSERT"
KEPT = "SELECT, INSERT, UPDATE"


def primary_key(table: str, column: str) -> str:
    """Made after the table's other indexes: among equals the planner takes the youngest, and while a table has no
    statistics all that start with shop_id are equal. Foreign keys are checked by a plan that is kept."""
    return f"ALTER TABLE referral.{table} ADD PRIMARY KEY (shop_id, {column})"


PROGRAMMES = [
    """
CREATE TABLE referral.programme (
    shop_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    revision bigint NOT NULL CHECK (revision > 0),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    kind text NOT NULL CHECK (kind = 'refer_a_friend'),
    state text NOT NULL CHECK (state IN ('draft', 'live', 'paused', 'ended')),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, programme_id)
)""",
    """
CREATE TABLE referral.programme_state (
    shop_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    revision bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'live', 'paused', 'ended')),
    since timestamptz NOT NULL,
    PRIMARY KEY (shop_id, programme_id, revision),
    FOREIGN KEY (shop_id, programme_id) REFERENCES referral.programme (shop_id, programme_id)
)""",
    """
CREATE TABLE referral.offer (
    shop_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    version int NOT NULL CHECK (version > 0),
    offer_id uuid NOT NULL,
    terms jsonb NOT NULL CHECK (
        (terms ->> 'version')::int = version AND (terms ->> 'offer_id')::uuid = offer_id
        AND (terms ->> 'hold_days')::int BETWEEN 0 AND 365 AND (terms ->> 'minimum_order_minor')::bigint >= 0
    ),
    launched_at timestamptz,
    PRIMARY KEY (shop_id, programme_id, version),
    UNIQUE (shop_id, offer_id),
    FOREIGN KEY (shop_id, programme_id) REFERENCES referral.programme (shop_id, programme_id)
)""",
    """
CREATE TABLE referral.advocate (
    shop_id uuid NOT NULL,
    advocate_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    person_id uuid NOT NULL,
    code text NOT NULL,
    link_code text NOT NULL,
    enrolled_at timestamptz NOT NULL,
    UNIQUE (shop_id, programme_id, customer_id),
    UNIQUE (shop_id, code),
    UNIQUE (shop_id, link_code),
    FOREIGN KEY (shop_id, programme_id) REFERENCES referral.programme (shop_id, programme_id)
)""",
    "CREATE INDEX advocate_customer ON referral.advocate (shop_id, customer_id)",
    primary_key("advocate", "advocate_id"),
]

FACTS = [
    """
CREATE TABLE referral.claim (
    shop_id uuid NOT NULL,
    claim_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    advocate_id uuid NOT NULL,
    friend_id uuid NOT NULL,
    person_id uuid NOT NULL,
    claimed_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, claim_id)
)""",
    "CREATE INDEX claim_case ON referral.claim (shop_id, programme_id, person_id)",
    """
CREATE TABLE referral.settled_order (
    shop_id uuid NOT NULL,
    order_id uuid NOT NULL,
    revision bigint NOT NULL,
    number text NOT NULL,
    placed_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'cancelled')),
    payment text NOT NULL CHECK (payment IN ('pending', 'paid', 'voided')),
    test boolean NOT NULL,
    currency text NOT NULL,
    total_minor bigint NOT NULL,
    base_minor bigint NOT NULL,
    final_base_minor bigint NOT NULL,
    customer_id uuid NOT NULL,
    person_id uuid NOT NULL,
    first_order boolean NOT NULL,
    programme_id uuid,
    advocate_id uuid,
    claim_id uuid,
    method text
)""",
    "CREATE INDEX settled_order_case ON referral.settled_order (shop_id, programme_id, person_id)"
    " WHERE programme_id IS NOT NULL",
    "CREATE INDEX settled_order_claim ON referral.settled_order (shop_id, claim_id) WHERE claim_id IS NOT NULL",
    primary_key("settled_order", "order_id"),
    """
CREATE TABLE referral.verdict (
    shop_id uuid NOT NULL,
    order_id uuid NOT NULL,
    order_revision bigint NOT NULL,
    programme_id uuid NOT NULL,
    advocate_id uuid NOT NULL,
    offer_version int,
    outcome text NOT NULL CHECK (outcome IN ('earns', 'refused', 'reversed')),
    reason_code text NOT NULL,
    reason text NOT NULL,
    checks json NOT NULL,
    advocate_minor bigint NOT NULL CHECK (advocate_minor >= 0),
    friend_minor bigint NOT NULL CHECK (friend_minor >= 0),
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, order_id)
)""",
]

REWARDS = [
    """
CREATE TABLE referral.referral (
    shop_id uuid NOT NULL,
    referral_id uuid NOT NULL,
    revision bigint NOT NULL CHECK (revision > 0),
    programme_id uuid NOT NULL,
    advocate_id uuid NOT NULL,
    friend_id uuid NOT NULL,
    person_id uuid NOT NULL,
    claim_id uuid,
    order_id uuid,
    state text NOT NULL CHECK (state IN ('claimed', 'ordered', 'completed', 'refused', 'reversed')),
    reason_code text NOT NULL,
    reason text NOT NULL,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    UNIQUE (shop_id, programme_id, person_id, advocate_id),
    FOREIGN KEY (shop_id, advocate_id) REFERENCES referral.advocate (shop_id, advocate_id)
)""",
    "CREATE INDEX referral_advocate ON referral.referral (shop_id, advocate_id)",
    primary_key("referral", "referral_id"),
    """
CREATE TABLE referral.reward (
    shop_id uuid NOT NULL,
    reward_id uuid NOT NULL,
    revision bigint NOT NULL CHECK (revision > 0),
    programme_id uuid NOT NULL,
    offer_version int NOT NULL,
    referral_id uuid NOT NULL,
    advocate_id uuid NOT NULL,
    order_id uuid NOT NULL,
    person_id uuid NOT NULL,
    side text NOT NULL CHECK (side IN ('advocate', 'friend')),
    customer_id uuid NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'approved', 'issued', 'reversed')),
    amount_minor bigint NOT NULL CHECK (amount_minor >= 0 AND (amount_minor = 0) = (state = 'reversed')),
    currency text NOT NULL,
    reason_code text NOT NULL,
    reason text NOT NULL,
    approve_after timestamptz NOT NULL,
    first_order_only boolean NOT NULL,
    earned_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    UNIQUE (shop_id, referral_id, order_id, side),
    FOREIGN KEY (shop_id, referral_id) REFERENCES referral.referral (shop_id, referral_id)
)""",
    # One order rewards each side once, whoever it is credited to; a friend's first order counts once per programme.
    "CREATE UNIQUE INDEX reward_once_per_order ON referral.reward (shop_id, programme_id, order_id, side)"
    " WHERE state <> 'reversed'",
    "CREATE UNIQUE INDEX reward_once_per_friend ON referral.reward (shop_id, programme_id, person_id, side)"
    " WHERE first_order_only AND state <> 'reversed'",
    "CREATE INDEX reward_case ON referral.reward (shop_id, programme_id, person_id)",
    "CREATE INDEX reward_advocate ON referral.reward (shop_id, advocate_id)",
    "CREATE INDEX reward_order ON referral.reward (shop_id, order_id)",
    "CREATE INDEX reward_customer ON referral.reward (shop_id, customer_id)",
    "CREATE INDEX reward_due ON referral.reward (approve_after, shop_id) WHERE state = 'pending'",
    primary_key("reward", "reward_id"),
    # No foreign key to the reward: a step and its reward are written by one statement, and the kept plan of that check
    # read all of a shop's rewards when it was made on a young table (200 ms for a batch of 100 orders).
    """
CREATE TABLE referral.reward_step (
    shop_id uuid NOT NULL,
    reward_id uuid NOT NULL,
    revision bigint NOT NULL,
    change text NOT NULL CHECK (
        change IN ('pending', 'approved', 'issued', 'reduced', 'increased', 'reversed', 'reinstated')
    ),
    previous_state text,
    state text NOT NULL CHECK (state IN ('pending', 'approved', 'issued', 'reversed')),
    previous_amount_minor bigint NOT NULL,
    amount_minor bigint NOT NULL,
    reason_code text NOT NULL,
    reason text NOT NULL,
    facts json NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, reward_id, revision)
)""",
]

LEDGER = [
    """
CREATE TABLE referral.transfer (
    shop_id uuid NOT NULL,
    reward_id uuid NOT NULL,
    revision bigint NOT NULL,
    debit text NOT NULL,
    credit text NOT NULL,
    customer_id uuid NOT NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency text NOT NULL,
    change text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, reward_id, revision),
    CHECK (debit <> credit),
    CHECK (debit IN ('reward_cost', 'pending:advocate', 'pending:friend', 'available', 'credit')),
    CHECK (credit IN ('reward_cost', 'pending:advocate', 'pending:friend', 'available', 'credit')),
    FOREIGN KEY (shop_id, reward_id, revision) REFERENCES referral.reward_step (shop_id, reward_id, revision)
)""",
    "CREATE INDEX transfer_customer ON referral.transfer (shop_id, customer_id)",
    "CREATE INDEX transfer_time ON referral.transfer (shop_id, at, reward_id, revision)",
    """
CREATE VIEW referral.posting WITH (security_invoker = true) AS
SELECT shop_id, reward_id, revision, debit AS account, customer_id, -amount_minor AS amount_minor, currency, at
FROM referral.transfer
UNION ALL
SELECT shop_id, reward_id, revision, credit, customer_id, amount_minor, currency, at FROM referral.transfer""",
    "COMMENT ON VIEW referral.posting IS 'Both legs of every transfer: credits are positive, debits negative.'",
]

APPEND_ONLY_TABLES = ("programme_state", "reward_step", "transfer")


def guard(table: str, moves: dict[str, str], fixed: str) -> list[str]:
    """Refuse a first state, a move or a change of fixed columns that the state machine does not know."""
    known = " ".join(f"WHEN '{before}' THEN NEW.state IN ({after})" for before, after in moves.items())
    return [
        f"""
CREATE FUNCTION referral.guard_{table}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> OLD.state AND NOT (CASE OLD.state {known} ELSE false END) THEN
        RAISE EXCEPTION '{table}: % cannot become %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.revision < OLD.revision OR (NEW.state <> OLD.state AND NEW.revision = OLD.revision) THEN
        RAISE EXCEPTION '{table}: a change needs a higher revision' USING ERRCODE = 'check_violation';
    END IF;
    IF ({fixed}) THEN
        RAISE EXCEPTION '{table}: this column never changes' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$""",
        f"CREATE TRIGGER guard BEFORE UPDATE ON referral.{table}"
        f" FOR EACH ROW EXECUTE FUNCTION referral.guard_{table}()",
    ]


def changed(*columns: str) -> str:
    return " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)


GUARDS = [
    *guard(
        "programme",
        {"draft": "'live'", "live": "'paused', 'ended'", "paused": "'live', 'ended'"},
        changed("shop_id", "programme_id", "kind", "created_at"),
    ),
    *guard(
        "referral",
        {
            "claimed": "'ordered', 'refused', 'reversed'",
            "ordered": "'claimed', 'completed', 'refused', 'reversed'",
            "completed": "'claimed', 'ordered', 'refused', 'reversed'",
            "refused": "'claimed', 'ordered', 'reversed'",
            "reversed": "'claimed', 'ordered', 'refused'",
        },
        changed("shop_id", "referral_id", "programme_id", "advocate_id", "person_id"),
    ),
    *guard(
        "reward",
        {
            "pending": "'approved', 'reversed'",
            "approved": "'issued', 'reversed'",
            "issued": "'reversed'",
            "reversed": "'pending'",
        },
        changed(
            "shop_id",
            "reward_id",
            "programme_id",
            "referral_id",
            "advocate_id",
            "order_id",
            "person_id",
            "side",
            "customer_id",
            "currency",
            "earned_at",
        )
        + " OR (NEW.amount_minor <> OLD.amount_minor AND NEW.revision = OLD.revision)",
    ),
    """
CREATE FUNCTION referral.guard_start() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: nothing begins as %', TG_TABLE_NAME, NEW.state USING ERRCODE = 'check_violation';
END $$""",
    # After the insert, so that an upsert of a known row does not pass here.
    "CREATE TRIGGER guard_start AFTER INSERT ON referral.reward FOR EACH ROW"
    " WHEN (NEW.state <> 'pending') EXECUTE FUNCTION referral.guard_start()",
    "CREATE TRIGGER guard_start AFTER INSERT ON referral.programme FOR EACH ROW"
    " WHEN (NEW.state <> 'draft') EXECUTE FUNCTION referral.guard_start()",
    "CREATE TRIGGER guard_start AFTER INSERT ON referral.referral FOR EACH ROW"
    " WHEN (NEW.state = 'completed') EXECUTE FUNCTION referral.guard_start()",
    """
CREATE FUNCTION referral.guard_offer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'offer: launched terms never change' USING ERRCODE = 'check_violation';
END $$""",
    "CREATE TRIGGER guard BEFORE UPDATE OR DELETE ON referral.offer FOR EACH ROW"
    " WHEN (OLD.launched_at IS NOT NULL) EXECUTE FUNCTION referral.guard_offer()",
    """
CREATE FUNCTION referral.guard_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: rows are only added', TG_TABLE_NAME USING ERRCODE = 'check_violation';
END $$""",
    *(
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON referral.{table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION referral.guard_append_only()"
        for table in APPEND_ONLY_TABLES
    ),
]

ACCESS = [
    *protect("referral", "programme", grants=KEPT),
    *protect("referral", "programme_state", grants=APPEND_ONLY),
    *protect("referral", "offer", grants=KEPT),
    *protect("referral", "advocate", grants=KEPT),
    *protect("referral", "claim", grants=KEPT),
    *protect("referral", "settled_order", grants=KEPT),
    *protect("referral", "verdict", grants="SELECT, INSERT, UPDATE, DELETE"),
    *protect("referral", "referral", grants=KEPT),
    *protect("referral", "reward", grants=KEPT),
    *protect("referral", "reward_step", grants=APPEND_ONLY),
    *protect("referral", "transfer", grants=APPEND_ONLY),
    "GRANT SELECT ON referral.posting TO grapevine_referral",
    *open_to("referral", "reward", "relay", command="SELECT", columns="shop_id, order_id, state, approve_after"),
    *open_to("referral", "settled_order", "relay", command="SELECT", columns="shop_id, order_id, state, payment"),
]


def upgrade() -> None:
    for statement in (*toolkit_tables("referral"), *PROGRAMMES, *FACTS, *REWARDS, *LEDGER, *GUARDS, *ACCESS):
        op.execute(statement)
