"""What partners' engineers see of their own errors; sign-ins by client and time.

Revision: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "client_diagnosis",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("detail_hash", sa.String(length=32), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('refused', 'advice', 'call')", name=op.f("ck_client_diagnosis_kind_known")),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name=op.f("fk_client_diagnosis_client_id_client")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_diagnosis")),
        sa.UniqueConstraint(
            "client_id", "hour", "code", "detail_hash", name=op.f("uq_client_diagnosis_client_id_hour_code_detail_hash")
        ),
    )
    with op.batch_alter_table("client_diagnosis", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_client_diagnosis_hour"), ["hour"], unique=False)
        batch_op.create_index("ix_client_diagnosis_client_id_last_at", ["client_id", "last_at"], unique=False)
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_client_id_issued_at", ["client_id", "issued_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_client_id_issued_at")
    op.drop_table("client_diagnosis")
