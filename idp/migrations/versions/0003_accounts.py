"""Accounts: addresses, second factors, recorded service state, business procedure, mail queue, feeds, study records.

Revision: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_tables()
    _add_columns()
    _add_throttle_owner()
    _fill_columns()


def downgrade() -> None:
    with op.batch_alter_table("business_detail", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_business_detail_kind_known"), type_="check")
    with op.batch_alter_table("login_throttle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_throttle_owner"))
        batch_op.drop_column("owner")
    with op.batch_alter_table("service_assignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_service_assignment_school_code"))

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_message_once_key"), type_="unique")
        batch_op.drop_column("once_key")

    with op.batch_alter_table("business_detail", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_business_detail_decided_by_account"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_business_detail_regional_centre_id"))
        batch_op.drop_column("decision_reason")
        batch_op.drop_column("decided_by")
        batch_op.drop_column("decided_at")
        batch_op.drop_column("fax_note")
        batch_op.drop_column("fax_received_on")
        batch_op.drop_column("counties")
        batch_op.drop_column("county")

    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_account_external_id"), type_="unique")
        batch_op.drop_index(batch_op.f("ix_account_email"))
        batch_op.drop_column("service_since")
        batch_op.drop_column("service_reason")
        batch_op.drop_column("service_state")
        batch_op.drop_column("must_change_password")
        batch_op.drop_column("external_id")
        batch_op.drop_column("email_verified_at")
        batch_op.drop_column("email")
        batch_op.drop_column("changed_at")

    with op.batch_alter_table("correction_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_correction_request_school_code"))
        batch_op.drop_index(batch_op.f("ix_correction_request_account_id"))

    op.drop_table("correction_request")
    op.drop_table("totp_credential")
    with op.batch_alter_table("study_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_study_record_account_id"))

    op.drop_table("study_record")
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_code_account_id"))

    op.drop_table("recovery_code")
    with op.batch_alter_table("password_history", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_password_history_account_id"))

    op.drop_table("password_history")
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_passkey_user_handle"))
        batch_op.drop_index(batch_op.f("ix_passkey_account_id"))

    op.drop_table("passkey")
    with op.batch_alter_table("mailed_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mailed_link_account_id"))

    op.drop_table("mailed_link")
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mail_due_at"))
        batch_op.drop_index(batch_op.f("ix_mail_account_id"))

    op.drop_table("mail")
    with op.batch_alter_table("factor_reset", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_factor_reset_account_id"))

    op.drop_table("factor_reset")
    op.drop_table("import_run")


def _add_tables() -> None:
    op.create_table(
        "import_run",
        sa.Column("file_digest", sa.String(length=64), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("file_digest", name=op.f("pk_import_run")),
    )
    op.create_table(
        "factor_reset",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_approved", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_factor_reset_account_id_account")),
        sa.ForeignKeyConstraint(["asked_by"], ["account.id"], name=op.f("fk_factor_reset_asked_by_account")),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_factor_reset_decided_by_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_reset")),
    )
    with op.batch_alter_table("factor_reset", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_factor_reset_account_id"), ["account_id"], unique=False)

    op.create_table(
        "mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("given_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_mail_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
    )
    with op.batch_alter_table("mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mail_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mail_due_at"), ["due_at"], unique=False)

    op.create_table(
        "mailed_link",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("purpose IN ('reset_password', 'verify_email')", name=op.f("ck_mailed_link_purpose_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_mailed_link_account_id_account")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_mailed_link")),
    )
    with op.batch_alter_table("mailed_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mailed_link_account_id"), ["account_id"], unique=False)

    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.String(length=1400), nullable=False),
        sa.Column("user_handle", sa.String(length=64), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("is_backed_up", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_passkey_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    with op.batch_alter_table("passkey", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_passkey_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_passkey_user_handle"), ["user_handle"], unique=False)

    op.create_table(
        "password_history",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_password_history_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_history")),
    )
    with op.batch_alter_table("password_history", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_password_history_account_id"), ["account_id"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("digest", name=op.f("uq_recovery_code_digest")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_account_id"), ["account_id"], unique=False)

    op.create_table(
        "study_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("course", sa.String(length=200), nullable=False),
        sa.Column("organiser", sa.String(length=100), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=5, scale=1, asdecimal=False), nullable=False),
        sa.CheckConstraint("source IN ('network', 'civil_service')", name=op.f("ck_study_record_source_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_study_record_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_record")),
    )
    with op.batch_alter_table("study_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_study_record_account_id"), ["account_id"], unique=False)

    op.create_table(
        "totp_credential",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("secret_sealed", sa.String(length=300), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_totp_credential_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_totp_credential")),
    )
    op.create_table(
        "correction_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Integer(), nullable=True),
        sa.Column("school_code", sa.String(length=6), nullable=False),
        sa.Column("wish", sa.String(length=1000), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("answer", sa.String(length=500), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("outcome IN ('done', 'declined')", name=op.f("ck_correction_request_outcome_known")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_correction_request_account_id_account")),
        sa.ForeignKeyConstraint(
            ["assignment_id"],
            ["service_assignment.id"],
            name=op.f("fk_correction_request_assignment_id_service_assignment"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["account.id"], name=op.f("fk_correction_request_decided_by_account")),
        sa.ForeignKeyConstraint(
            ["school_code"], ["school.code"], name=op.f("fk_correction_request_school_code_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_request")),
    )
    with op.batch_alter_table("correction_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_correction_request_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_correction_request_school_code"), ["school_code"], unique=False)


def _add_columns() -> None:
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("email", sa.String(length=254), nullable=True))
        batch_op.add_column(sa.Column("email_verified_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("external_id", sa.String(length=100), nullable=True))
        batch_op.add_column(sa.Column("must_change_password", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("service_state", sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column("service_reason", sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column("service_since", sa.Date(), nullable=True))
        batch_op.create_index(batch_op.f("ix_account_email"), ["email"], unique=False)
        batch_op.create_unique_constraint(batch_op.f("uq_account_external_id"), ["external_id"])

    with op.batch_alter_table("business_detail", schema=None) as batch_op:
        batch_op.add_column(sa.Column("county", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("counties", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("fax_received_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("fax_note", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("decided_by", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("decision_reason", sa.String(length=500), nullable=True))
        batch_op.create_index(batch_op.f("ix_business_detail_regional_centre_id"), ["regional_centre_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_business_detail_decided_by_account"), "account", ["decided_by"], ["id"]
        )

    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("once_key", sa.String(length=80), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_message_once_key"), ["once_key"])

    with op.batch_alter_table("service_assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_assignment_school_code"), ["school_code"], unique=False)


def _add_throttle_owner() -> None:
    with op.batch_alter_table("login_throttle", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owner", sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f("ix_login_throttle_owner"), ["owner"], unique=False)


def _fill_columns() -> None:
    """Accounts from before changed last when they were made; nobody has an area yet."""
    connection = op.get_bind()
    account = sa.table(
        "account",
        sa.column("created_at", sa.DateTime(timezone=True)),
        sa.column("changed_at", sa.DateTime(timezone=True)),
        sa.column("must_change_password", sa.Boolean),
    )
    detail = sa.table("business_detail", sa.column("counties", sa.JSON))
    connection.execute(account.update().values(changed_at=account.c.created_at, must_change_password=False))
    connection.execute(detail.update().values(counties=[]))
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.alter_column("changed_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.alter_column("must_change_password", existing_type=sa.Boolean(), nullable=False)
    with op.batch_alter_table("business_detail", schema=None) as batch_op:
        batch_op.alter_column("counties", existing_type=sa.JSON(), nullable=False)
        batch_op.create_check_constraint(
            batch_op.f("ck_business_detail_kind_known"),
            "kind IN ('regional_centre', 'school', 'social_education_or_legal_person', 'subject_centre', 'other')",
        )
