"""What is heard of programmes and advocates; shares; messages; consent and suppression."""

from alembic import op

from adapters.shared.postgres.ddl import open_to, protect, toolkit_tables

revision = "engagement_0001"
down_revision = None
branch_labels = None
depends_on = None

FACTS = (
    """
CREATE TABLE engagement.programme (
    shop_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    revision bigint NOT NULL,
    title text NOT NULL,
    state text NOT NULL CHECK (state IN ('draft', 'live', 'paused', 'ended')),
    deal json,
    PRIMARY KEY (shop_id, programme_id)
)""",
    *protect("engagement", "programme", grants="SELECT, INSERT, UPDATE"),
    *open_to("engagement", "programme", "relay", command="SELECT", columns="shop_id, programme_id, title"),
    """
CREATE TABLE engagement.advocate (
    shop_id uuid NOT NULL,
    advocate_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    code text NOT NULL CHECK (length(code) BETWEEN 1 AND 64),
    link_code text NOT NULL CHECK (length(link_code) BETWEEN 1 AND 64),
    PRIMARY KEY (shop_id, advocate_id)
)""",
    "CREATE INDEX advocate_link_code ON engagement.advocate (link_code)",
    *protect("engagement", "advocate", grants="SELECT, INSERT"),
    *open_to("engagement", "advocate", "relay", command="SELECT", columns="shop_id, link_code, programme_id"),
    """
CREATE TABLE engagement.share (
    shop_id uuid NOT NULL,
    share_id uuid NOT NULL,
    advocate_id uuid NOT NULL,
    channel text NOT NULL CHECK (
        channel IN ('native', 'email', 'sms', 'whatsapp', 'facebook', 'messenger', 'x', 'copy', 'qr')
    ),
    locale text NOT NULL,
    shared_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, share_id),
    FOREIGN KEY (shop_id, advocate_id) REFERENCES engagement.advocate (shop_id, advocate_id)
)""",
    *protect("engagement", "share", grants="SELECT, INSERT"),
)

# `due_at` is when something must happen next: to a queued message its sending, to one being sent its second try.
MESSAGE = (
    """
CREATE TABLE engagement.message (
    shop_id uuid NOT NULL,
    message_id uuid NOT NULL,
    kind text NOT NULL CHECK (
        kind IN ('reward_pending', 'reward_issued', 'reward_reduced', 'reward_reversed', 'reward_restored')
    ),
    reward_id uuid NOT NULL,
    revision bigint NOT NULL,
    programme_id uuid NOT NULL,
    advocate_id uuid NOT NULL,
    side text NOT NULL CHECK (side IN ('advocate', 'friend')),
    customer_id uuid NOT NULL,
    amount_minor bigint NOT NULL,
    previous_amount_minor bigint NOT NULL,
    currency text NOT NULL,
    reason_code text NOT NULL,
    approve_after timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'skipped', 'parked')),
    reason text NOT NULL DEFAULT '',
    tries int NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    PRIMARY KEY (shop_id, message_id),
    UNIQUE (shop_id, reward_id, kind, revision)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000)""",
    "CREATE INDEX message_due ON engagement.message (shop_id, due_at) WHERE state IN ('queued', 'sending')",
    "CREATE INDEX message_parked ON engagement.message (settled_at) WHERE state = 'parked'",
    *protect("engagement", "message", grants="SELECT, INSERT, UPDATE"),
    *open_to(
        "engagement", "message", "relay", command="SELECT",
        columns="shop_id, message_id, kind, state, reason, tries, due_at, settled_at",
    ),
    *open_to("engagement", "message", "relay", command="UPDATE", columns="state, reason, tries, due_at, settled_at"),
)  # fmt: skip

CONSENT = (
    """
CREATE TABLE engagement.consent (
    shop_id uuid NOT NULL,
    consent_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('rewards', 'reminders', 'marketing', 'invitations')),
    channel text NOT NULL CHECK (channel IN ('email', 'sms', 'push')),
    decision text NOT NULL CHECK (decision IN ('granted', 'withdrawn')),
    text_version text NOT NULL,
    country text NOT NULL,
    proof text NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (shop_id, consent_id)
)""",
    "CREATE INDEX consent_history ON engagement.consent"
    " (shop_id, customer_id, channel, purpose, decided_at DESC, consent_id DESC)",
    # Append-only: the history of what somebody allowed is evidence.
    *protect("engagement", "consent", grants="SELECT, INSERT"),
    """
CREATE TABLE engagement.suppression (
    shop_id uuid NOT NULL,
    address_hash text NOT NULL CHECK (address_hash ~ '^[0-9a-f]{64}$'),
    scope text NOT NULL CHECK (scope IN ('all', 'rewards', 'reminders', 'marketing', 'invitations')),
    why text NOT NULL CHECK (why IN ('unsubscribed', 'bounced', 'complained', 'requested')),
    since timestamptz NOT NULL,
    PRIMARY KEY (shop_id, address_hash, scope)
)""",
    *protect("engagement", "suppression", grants="SELECT, INSERT, DELETE"),
)


def upgrade() -> None:
    for statement in (*toolkit_tables("engagement"), *FACTS, *MESSAGE, *CONSENT):
        op.execute(statement)
