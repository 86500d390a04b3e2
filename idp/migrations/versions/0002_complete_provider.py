"""Client metadata as one document; families and keys of tokens; pushed requests, device grants, single use, logout queue.

Revision: 0002
Revises: 0001
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_MOVED = (
    "token_endpoint_auth_method",
    "redirect_uris",
    "post_logout_redirect_uris",
    "backchannel_logout_uri",
    "id_token_signed_response_alg",
)


def upgrade() -> None:
    _add_client_metadata()
    _add_sign_in_families()
    with op.batch_alter_table("client_secret", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sealed", sa.Text(), nullable=True))
    _add_tables()


def _add_client_metadata() -> None:
    """Move the metadata columns into one JSON document, keeping what was registered."""
    with op.batch_alter_table("client", schema=None) as batch_op:
        batch_op.add_column(sa.Column("metadata", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("registration_token_digest", sa.String(length=64), nullable=True))
    client = sa.table(
        "client", sa.column("id", sa.Integer), sa.column("metadata", sa.JSON), *(_column(name) for name in _MOVED)
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(client)).mappings().all():
        kept = {name: row[name] for name in _MOVED if row[name] is not None}
        connection.execute(client.update().where(client.c.id == row["id"]).values(metadata=kept))
    with op.batch_alter_table("client", schema=None) as batch_op:
        batch_op.alter_column("metadata", existing_type=sa.JSON(), nullable=False)
        for name in _MOVED:
            batch_op.drop_column(name)


def _column(name: str) -> sa.ColumnClause[object]:
    return sa.column(name, sa.JSON if name.endswith("_uris") else sa.String)


def _add_sign_in_families() -> None:
    """Every sign-in so far is a family of its own."""
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.add_column(sa.Column("family_id", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("asked", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("cnf", sa.String(length=64), nullable=True))
    op.execute("UPDATE sign_in SET family_id = code_id, asked = '{}'")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.alter_column("family_id", existing_type=sa.String(length=32), nullable=False)
        batch_op.alter_column("asked", existing_type=sa.JSON(), nullable=False)
        batch_op.create_index(batch_op.f("ix_sign_in_family_id"), ["family_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_subject"), ["subject"], unique=False)


def _add_tables() -> None:
    op.create_table(
        "used_once",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_used_once")),
    )
    op.create_index(op.f("ix_used_once_expires_at"), "used_once", ["expires_at"])
    op.create_table(
        "pushed_request",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name=op.f("fk_pushed_request_client_id_client")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_pushed_request")),
    )
    op.create_index(op.f("ix_pushed_request_expires_at"), "pushed_request", ["expires_at"])
    op.create_table(
        "device_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("device_digest", sa.String(length=64), nullable=False),
        sa.Column("user_digest", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("parameters", sa.Text(), nullable=False),
        sa.Column("device_name", sa.String(length=100), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("interval", sa.Integer(), nullable=False),
        sa.Column("polled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authorization", sa.Text(), nullable=True),
        sa.Column("denied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redeemed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name=op.f("fk_device_grant_client_id_client")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_grant")),
        sa.UniqueConstraint("device_digest", name=op.f("uq_device_grant_device_digest")),
        sa.UniqueConstraint("user_digest", name=op.f("uq_device_grant_user_digest")),
    )
    op.create_index(op.f("ix_device_grant_expires_at"), "device_grant", ["expires_at"])
    op.create_table(
        "initial_access_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "environment IN ('production', 'test')", name=op.f("ck_initial_access_token_environment_known")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cooperation_case.id"], name=op.f("fk_initial_access_token_case_id_cooperation_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_initial_access_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_initial_access_token_digest")),
    )

    op.create_table(
        "logout_delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("sid", sa.String(length=36), nullable=False),
        sa.Column("subject", sa.String(length=36), nullable=True),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_logout_delivery_account_id_account")),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name=op.f("fk_logout_delivery_client_id_client")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logout_delivery")),
        sa.UniqueConstraint("client_id", "sid", "reason", name=op.f("uq_logout_delivery_client_id_sid_reason")),
    )
    op.create_index(op.f("ix_logout_delivery_account_id"), "logout_delivery", ["account_id"])
    op.create_index(op.f("ix_logout_delivery_due_at"), "logout_delivery", ["due_at"])


def downgrade() -> None:
    for table in ("logout_delivery", "initial_access_token", "device_grant", "pushed_request", "used_once"):
        op.drop_table(table)
    with op.batch_alter_table("client_secret", schema=None) as batch_op:
        batch_op.drop_column("sealed")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_subject"))
        batch_op.drop_index(batch_op.f("ix_sign_in_family_id"))
        for name in ("cnf", "asked", "family_id"):
            batch_op.drop_column(name)
    _restore_client_columns()


def _restore_client_columns() -> None:
    """Put the metadata of the first version back into columns; what it did not know is lost."""
    with op.batch_alter_table("client", schema=None) as batch_op:
        batch_op.add_column(sa.Column("token_endpoint_auth_method", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("redirect_uris", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("post_logout_redirect_uris", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("backchannel_logout_uri", sa.String(length=500), nullable=True))
        batch_op.add_column(sa.Column("id_token_signed_response_alg", sa.String(length=16), nullable=True))
    client = sa.table(
        "client", sa.column("id", sa.Integer), sa.column("metadata", sa.JSON), *(_column(name) for name in _MOVED)
    )
    defaults = {
        "token_endpoint_auth_method": "client_secret_basic",
        "redirect_uris": [],
        "post_logout_redirect_uris": [],
        "id_token_signed_response_alg": "RS256",
    }
    connection = op.get_bind()
    for row in connection.execute(sa.select(client.c.id, client.c.metadata)).all():
        found = row[1] if isinstance(row[1], dict) else json.loads(row[1])
        values = {name: found.get(name, defaults.get(name)) for name in _MOVED}
        connection.execute(client.update().where(client.c.id == row[0]).values(**values))
    with op.batch_alter_table("client", schema=None) as batch_op:
        for name in defaults:
            kind = sa.JSON() if name.endswith("_uris") else sa.String()
            batch_op.alter_column(name, existing_type=kind, nullable=False)
        batch_op.drop_column("registration_token_digest")
        batch_op.drop_column("metadata")
