"""Probes of the joint tests.

Revision: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "token_probe",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("flaw", sa.String(length=16), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_token_probe_account_id_account")),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name=op.f("fk_token_probe_client_id_client")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_probe")),
    )
    with op.batch_alter_table("token_probe", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_token_probe_client_id"), ["client_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("token_probe", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_token_probe_client_id"))

    op.drop_table("token_probe")
