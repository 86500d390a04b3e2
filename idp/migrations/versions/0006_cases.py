"""The cooperation procedure: people, files, submissions, agreements and test results of a case.

Revision: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "kind IN ('scan_report', 'privacy_policy', 'seal_scan', 'application_letter', 'approval_letter', 'evidence')",
            name=op.f("ck_case_attachment_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cooperation_case.id"], name=op.f("fk_case_attachment_case_id_cooperation_case")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["stored_file.id"], name=op.f("fk_case_attachment_file_id_stored_file")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_attachment")),
    )
    with op.batch_alter_table("case_attachment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_attachment_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("party", sa.String(length=32), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_case_member_account_id_account")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cooperation_case.id"], name=op.f("fk_case_member_case_id_cooperation_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_member")),
        sa.UniqueConstraint("case_id", "account_id", "party", name=op.f("uq_case_member_case_id_account_id_party")),
    )
    with op.batch_alter_table("case_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_member_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_case_member_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("transition", sa.String(length=8), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cooperation_case.id"], name=op.f("fk_case_proposal_case_id_cooperation_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_proposal")),
    )
    with op.batch_alter_table("case_proposal", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_proposal_case_id"), ["case_id"], unique=False)

    op.create_table(
        "joint_test",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("test", sa.String(length=8), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=2000), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cooperation_case.id"], name=op.f("fk_joint_test_case_id_cooperation_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_joint_test")),
    )
    with op.batch_alter_table("joint_test", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_joint_test_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("party", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_case_agreement_account_id_account")),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["case_proposal.id"], name=op.f("fk_case_agreement_proposal_id_case_proposal")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_agreement")),
        sa.UniqueConstraint("proposal_id", "account_id", name=op.f("uq_case_agreement_proposal_id_account_id")),
    )
    op.create_table(
        "case_submission",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("form_hash", sa.String(length=64), nullable=False),
        sa.Column("agreements_version", sa.Integer(), nullable=False),
        sa.Column("agreements_hash", sa.String(length=64), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cooperation_case.id"], name=op.f("fk_case_submission_case_id_cooperation_case")
        ),
        sa.ForeignKeyConstraint(["letter_id"], ["letter.id"], name=op.f("fk_case_submission_letter_id_letter")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_submission")),
    )
    with op.batch_alter_table("case_submission", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_submission_case_id"), ["case_id"], unique=False)

    with op.batch_alter_table("cooperation_case", schema=None) as batch_op:
        batch_op.add_column(sa.Column("answers", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
        batch_op.add_column(sa.Column("letter_wanted", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("amends_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_cooperation_case_amends_id_cooperation_case"), "cooperation_case", ["amends_id"], ["id"]
        )
    with op.batch_alter_table("cooperation_case", schema=None) as batch_op:
        batch_op.alter_column("answers", server_default=None)
        batch_op.alter_column("letter_wanted", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("cooperation_case", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_cooperation_case_amends_id_cooperation_case"), type_="foreignkey")
        batch_op.drop_column("amends_id")
        batch_op.drop_column("letter_wanted")
        batch_op.drop_column("answers")

    with op.batch_alter_table("case_submission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_submission_case_id"))

    op.drop_table("case_submission")
    op.drop_table("case_agreement")
    with op.batch_alter_table("joint_test", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_joint_test_case_id"))

    op.drop_table("joint_test")
    with op.batch_alter_table("case_proposal", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_proposal_case_id"))

    op.drop_table("case_proposal")
    with op.batch_alter_table("case_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_member_case_id"))
        batch_op.drop_index(batch_op.f("ix_case_member_account_id"))

    op.drop_table("case_member")
    with op.batch_alter_table("case_attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_attachment_case_id"))

    op.drop_table("case_attachment")
