"""Duties of a partner, messages, technical sheets, checks of a policy; how a secret is used.

Revision: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_contact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cooperation_case.id"], name=op.f("fk_case_contact_case_id_cooperation_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_contact")),
    )
    with op.batch_alter_table("case_contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_contact_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=50), nullable=True),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("party", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cooperation_case.id"], name=op.f("fk_case_message_case_id_cooperation_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_message")),
    )
    with op.batch_alter_table("case_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_message_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_reminder",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cooperation_case.id"], name=op.f("fk_case_reminder_case_id_cooperation_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_reminder")),
        sa.UniqueConstraint(
            "case_id", "subject", "ends_on", "days", name=op.f("uq_case_reminder_case_id_subject_ends_on_days")
        ),
    )
    with op.batch_alter_table("case_reminder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_reminder_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_sheet",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint("environment IN ('production', 'test')", name=op.f("ck_case_sheet_environment_known")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cooperation_case.id"], name=op.f("fk_case_sheet_case_id_cooperation_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_sheet")),
        sa.UniqueConstraint("case_id", "environment", name=op.f("uq_case_sheet_case_id_environment")),
    )
    op.create_table(
        "policy_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cooperation_case.id"], name=op.f("fk_policy_check_case_id_cooperation_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policy_check")),
    )
    with op.batch_alter_table("policy_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_policy_check_case_id"), ["case_id"], unique=False)

    with op.batch_alter_table("case_attachment", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("media_type", sa.String(length=32), server_default="application/pdf", nullable=False)
        )

    with op.batch_alter_table("client_secret", schema=None) as batch_op:
        batch_op.add_column(sa.Column("last_used_on", sa.Date(), nullable=True))

    with op.batch_alter_table("confirmation", schema=None) as batch_op:
        batch_op.add_column(sa.Column("items", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
        batch_op.add_column(sa.Column("contact", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))

    with op.batch_alter_table("case_attachment", schema=None) as batch_op:
        batch_op.alter_column("media_type", server_default=None)

    with op.batch_alter_table("confirmation", schema=None) as batch_op:
        batch_op.alter_column("items", server_default=None)
        batch_op.alter_column("contact", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("confirmation", schema=None) as batch_op:
        batch_op.drop_column("contact")
        batch_op.drop_column("items")

    with op.batch_alter_table("client_secret", schema=None) as batch_op:
        batch_op.drop_column("last_used_on")

    with op.batch_alter_table("case_attachment", schema=None) as batch_op:
        batch_op.drop_column("media_type")

    with op.batch_alter_table("policy_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_policy_check_case_id"))

    op.drop_table("policy_check")
    op.drop_table("case_sheet")
    with op.batch_alter_table("case_reminder", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_reminder_case_id"))

    op.drop_table("case_reminder")
    with op.batch_alter_table("case_message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_message_case_id"))

    op.drop_table("case_message")
    with op.batch_alter_table("case_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_contact_case_id"))

    op.drop_table("case_contact")
