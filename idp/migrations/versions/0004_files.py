"""Files that are handed in: scans of the faxes of business accounts (D-07).

Revision: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stored_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kept_by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
    )
    with op.batch_alter_table("business_detail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("fax_scan_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_business_detail_fax_scan_id_stored_file"), "stored_file", ["fax_scan_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("business_detail", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_business_detail_fax_scan_id_stored_file"), type_="foreignkey")
        batch_op.drop_column("fax_scan_id")
    op.drop_table("stored_file")
