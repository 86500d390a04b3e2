"""The tables of accounts, cases, clients, consent, sessions, sign-ins, keys and audit.

Revision: 0001
Revises: None
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("login_name", sa.String(length=32), nullable=False),
        sa.Column("type", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("is_test_account", sa.Boolean(), nullable=False),
        sa.Column("agreement_version", sa.Integer(), nullable=False),
        sa.Column("lock_generation", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("type IN ('teacher_personal', 'business')", name=op.f("ck_account_type_known")),
        sa.CheckConstraint("login_name = lower(login_name)", name=op.f("ck_account_login_name_folded")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login_name", name=op.f("uq_account_login_name")),
    )
    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=True),
        sa.Column("client_id", sa.String(length=100), nullable=True),
        sa.Column("ip", sa.String(length=45), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("chain_position", sa.BigInteger(), nullable=True),
        sa.Column("chain_hash", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("chain_position", name=op.f("uq_audit_event_chain_position")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_event_action"), ["action"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_event_subject"), ["subject"], unique=False)

    op.create_table(
        "cooperation_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("applicant_unit", sa.String(length=100), nullable=False),
        sa.Column("operating_unit", sa.String(length=100), nullable=False),
        sa.Column("unit_head_name", sa.String(length=50), nullable=False),
        sa.Column("unit_head_phone", sa.String(length=30), nullable=False),
        sa.Column("unit_head_email", sa.String(length=254), nullable=False),
        sa.Column("officer_name", sa.String(length=50), nullable=False),
        sa.Column("officer_phone", sa.String(length=30), nullable=False),
        sa.Column("officer_email", sa.String(length=254), nullable=False),
        sa.Column("site_name", sa.String(length=100), nullable=False),
        sa.Column("site_url", sa.String(length=500), nullable=False),
        sa.Column("test_url", sa.String(length=500), nullable=True),
        sa.Column("audience", sa.String(length=500), nullable=False),
        sa.Column("member_count", sa.Integer(), nullable=False),
        sa.Column("site_purpose", sa.Text(), nullable=False),
        sa.Column("maintenance", sa.String(length=16), nullable=False),
        sa.Column("privacy_policy", sa.Text(), nullable=False),
        sa.Column("support_contact", sa.String(length=300), nullable=False),
        sa.Column("filled_on", sa.Date(), nullable=True),
        sa.Column("scan_date", sa.Date(), nullable=True),
        sa.Column("scan_target", sa.String(length=500), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'eligibility_confirmed', 'submitted', 'returned', 'rejected', 'approved', 'docs_provided', 'testing', 'tested', 'go_live_agreed', 'live', 'suspended', 'terminated', 'withdrawn')",
            name=op.f("ck_cooperation_case_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cooperation_case")),
    )
    op.create_table(
        "login_throttle",
        sa.Column("bucket", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_login_throttle")),
    )
    op.create_table(
        "school",
        sa.Column("code", sa.String(length=6), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("county", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_school")),
    )
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kid", sa.String(length=32), nullable=False),
        sa.Column("alg", sa.String(length=16), nullable=False),
        sa.Column("public_jwk", sa.JSON(), nullable=False),
        sa.Column("private_sealed", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activates_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("kid", name=op.f("uq_signing_key_kid")),
    )
    op.create_table(
        "snapshot_epoch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_snapshot_epoch")),
    )
    op.create_table(
        "title",
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("name_en", sa.String(length=80), nullable=False),
        sa.Column("counts_as_in_service", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_title")),
    )
    op.create_table(
        "agreement_acceptance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_agreement_acceptance_account_id_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_acceptance")),
    )
    with op.batch_alter_table("agreement_acceptance", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_agreement_acceptance_account_id"), ["account_id"], unique=False)

    op.create_table(
        "browser_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sid_key", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("auth_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amr", sa.JSON(), nullable=False),
        sa.Column("ip", sa.String(length=45), nullable=True),
        sa.Column("user_agent", sa.String(length=200), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_browser_session_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_browser_session")),
        sa.UniqueConstraint("digest", name=op.f("uq_browser_session_digest")),
    )
    with op.batch_alter_table("browser_session", schema=None) as batch_op:
        batch_op.create_index("ix_browser_session_account_open", ["account_id", "ended_at"], unique=False)

    op.create_table(
        "business_detail",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("unit", sa.String(length=100), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("school_code", sa.String(length=6), nullable=True),
        sa.Column("regional_centre_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.CheckConstraint(
            "role IN ('teacher', 'idp_admin', 'reviewer', 'auditor', 'regional_approver', 'authority_staff', 'school_staff', 'organiser', 'partner_applicant', 'partner_officer')",
            name=op.f("ck_business_detail_role_known"),
        ),
        sa.CheckConstraint(
            "state IN ('pending_fax', 'pending_review', 'active', 'rejected', 'disabled')",
            name=op.f("ck_business_detail_state_known"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_business_detail_account_id_account")),
        sa.ForeignKeyConstraint(
            ["regional_centre_id"], ["account.id"], name=op.f("fk_business_detail_regional_centre_id_account")
        ),
        sa.ForeignKeyConstraint(["school_code"], ["school.code"], name=op.f("fk_business_detail_school_code_school")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_business_detail")),
    )
    op.create_table(
        "case_data_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=16), nullable=False),
        sa.Column("purpose", sa.String(length=500), nullable=False),
        sa.Column("purpose_version", sa.Integer(), nullable=False),
        sa.Column("essential", sa.Boolean(), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "item IN ('name', 'school_code', 'school_name', 'title_code', 'title_name', 'user_id')",
            name=op.f("ck_case_data_item_item_known"),
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cooperation_case.id"], name=op.f("fk_case_data_item_case_id_cooperation_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_data_item")),
        sa.UniqueConstraint("case_id", "item", name=op.f("uq_case_data_item_case_id_item")),
    )
    op.create_table(
        "case_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=32), nullable=False),
        sa.Column("from_state", sa.String(length=32), nullable=True),
        sa.Column("to_state", sa.String(length=32), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cooperation_case.id"], name=op.f("fk_case_event_case_id_cooperation_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
    )
    with op.batch_alter_table("case_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_case_event_case_id"), ["case_id"], unique=False)

    op.create_table(
        "case_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(length=16), nullable=False),
        sa.Column("go_live_on", sa.Date(), nullable=True),
        sa.CheckConstraint("item IN ('roaming', 'reporting')", name=op.f("ck_case_item_item_known")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cooperation_case.id"], name=op.f("fk_case_item_case_id_cooperation_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_item")),
        sa.UniqueConstraint("case_id", "item", name=op.f("uq_case_item_case_id_item")),
    )
    op.create_table(
        "client",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("environment", sa.String(length=16), nullable=False),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("token_endpoint_auth_method", sa.String(length=32), nullable=False),
        sa.Column("redirect_uris", sa.JSON(), nullable=False),
        sa.Column("post_logout_redirect_uris", sa.JSON(), nullable=False),
        sa.Column("backchannel_logout_uri", sa.String(length=500), nullable=True),
        sa.Column("id_token_signed_response_alg", sa.String(length=16), nullable=False),
        sa.Column("claims_in_id_token", sa.Boolean(), nullable=False),
        sa.Column("pkce_waived_until", sa.Date(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("environment IN ('production', 'test')", name=op.f("ck_client_environment_known")),
        sa.ForeignKeyConstraint(["case_id"], ["cooperation_case.id"], name=op.f("fk_client_case_id_cooperation_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client")),
        sa.UniqueConstraint("case_id", "environment", name=op.f("uq_client_case_id_environment")),
        sa.UniqueConstraint("client_id", name=op.f("uq_client_client_id")),
        sa.UniqueConstraint("sector", name=op.f("uq_client_sector")),
    )
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("letter_no", sa.String(length=50), nullable=False),
        sa.Column("letter_sent_on", sa.Date(), nullable=False),
        sa.Column("reply_due_on", sa.Date(), nullable=False),
        sa.Column("reply_letter_no", sa.String(length=50), nullable=True),
        sa.Column("replied_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cooperation_case.id"], name=op.f("fk_confirmation_case_id_cooperation_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation")),
    )
    with op.batch_alter_table("confirmation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_confirmation_case_id"), ["case_id"], unique=False)

    op.create_table(
        "letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("sender", sa.String(length=100), nullable=False),
        sa.Column("addressee", sa.String(length=100), nullable=False),
        sa.Column("letter_no", sa.String(length=50), nullable=False),
        sa.Column("letter_date", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cooperation_case.id"], name=op.f("fk_letter_case_id_cooperation_case")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter")),
    )
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_letter_case_id"), ["case_id"], unique=False)

    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_message_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_message_account_id"), ["account_id"], unique=False)

    op.create_table(
        "service_assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("school_code", sa.String(length=6), nullable=True),
        sa.Column("title_code", sa.String(length=10), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("start_date", sa.Date(), nullable=True),
        sa.Column("end_date", sa.Date(), nullable=True),
        sa.Column("end_reason", sa.String(length=16), nullable=True),
        sa.Column("suspended_from", sa.Date(), nullable=True),
        sa.Column("suspended_until", sa.Date(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(length=64), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "end_reason IN ('not_renewed', 'departed', 'transferred', 'retired')",
            name=op.f("ck_service_assignment_end_reason_known"),
        ),
        sa.CheckConstraint("kind IN ('primary', 'additional')", name=op.f("ck_service_assignment_kind_known")),
        sa.CheckConstraint(
            "source IN ('self_declared', 'school', 'authority', 'import')",
            name=op.f("ck_service_assignment_source_known"),
        ),
        sa.CheckConstraint(
            "(end_date IS NULL) = (end_reason IS NULL)", name=op.f("ck_service_assignment_end_has_reason")
        ),
        sa.CheckConstraint(
            "end_date IS NULL OR start_date IS NULL OR start_date <= end_date",
            name=op.f("ck_service_assignment_period_in_order"),
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_service_assignment_account_id_account")),
        sa.ForeignKeyConstraint(
            ["school_code"], ["school.code"], name=op.f("fk_service_assignment_school_code_school")
        ),
        sa.ForeignKeyConstraint(["title_code"], ["title.code"], name=op.f("fk_service_assignment_title_code_title")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_assignment")),
    )
    with op.batch_alter_table("service_assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_service_assignment_account_id"), ["account_id"], unique=False)
        batch_op.create_index(
            "uq_service_assignment_open_primary",
            ["account_id"],
            unique=True,
            sqlite_where=sa.text("kind = 'primary' AND end_date IS NULL AND refused_at IS NULL"),
            postgresql_where=sa.text("kind = 'primary' AND end_date IS NULL AND refused_at IS NULL"),
        )

    op.create_table(
        "subject",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("sector", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=36), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_subject_account_id_account")),
        sa.PrimaryKeyConstraint("account_id", "sector", name=op.f("pk_subject")),
        sa.UniqueConstraint("value", name=op.f("uq_subject_value")),
    )
    op.create_table(
        "client_secret",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_pk", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_pk"], ["client.id"], name=op.f("fk_client_secret_client_pk_client")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_secret")),
    )
    with op.batch_alter_table("client_secret", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_client_secret_client_pk"), ["client_pk"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("decisions", sa.JSON(), nullable=False),
        sa.Column("assignment_choice", sa.Integer(), nullable=True),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consent_account_id_account")),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name=op.f("fk_consent_client_id_client")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
        sa.UniqueConstraint("account_id", "client_id", name=op.f("uq_consent_account_id_client_id")),
    )
    op.create_table(
        "consent_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consent_event_account_id_account")),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name=op.f("fk_consent_event_client_id_client")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_event")),
    )
    with op.batch_alter_table("consent_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_consent_event_account_id"), ["account_id"], unique=False)

    op.create_table(
        "sign_in",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code_id", sa.String(length=32), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("subject", sa.String(length=36), nullable=False),
        sa.Column("subject_type", sa.String(length=16), nullable=False),
        sa.Column("scope", sa.String(length=200), nullable=False),
        sa.Column("released", sa.JSON(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_account_id_account")),
        sa.ForeignKeyConstraint(["client_id"], ["client.client_id"], name=op.f("fk_sign_in_client_id_client")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["browser_session.id"], name=op.f("fk_sign_in_session_id_browser_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("code_id", name=op.f("uq_sign_in_code_id")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_sign_in_token_digest")),
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_session_id"), ["session_id"], unique=False)

    op.bulk_insert(
        sa.table("snapshot_epoch", sa.column("id", sa.Integer), sa.column("value", sa.Integer)), [{"id": 1, "value": 1}]
    )


def downgrade() -> None:
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_session_id"))
        batch_op.drop_index(batch_op.f("ix_sign_in_account_id"))

    op.drop_table("sign_in")
    with op.batch_alter_table("consent_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_consent_event_account_id"))

    op.drop_table("consent_event")
    op.drop_table("consent")
    with op.batch_alter_table("client_secret", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_client_secret_client_pk"))

    op.drop_table("client_secret")
    op.drop_table("subject")
    with op.batch_alter_table("service_assignment", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_service_assignment_open_primary",
            sqlite_where=sa.text("kind = 'primary' AND end_date IS NULL AND refused_at IS NULL"),
            postgresql_where=sa.text("kind = 'primary' AND end_date IS NULL AND refused_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_service_assignment_account_id"))

    op.drop_table("service_assignment")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_message_account_id"))

    op.drop_table("message")
    with op.batch_alter_table("letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_letter_case_id"))

    op.drop_table("letter")
    with op.batch_alter_table("confirmation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_confirmation_case_id"))

    op.drop_table("confirmation")
    op.drop_table("client")
    op.drop_table("case_item")
    with op.batch_alter_table("case_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_case_event_case_id"))

    op.drop_table("case_event")
    op.drop_table("case_data_item")
    op.drop_table("business_detail")
    with op.batch_alter_table("browser_session", schema=None) as batch_op:
        batch_op.drop_index("ix_browser_session_account_open")

    op.drop_table("browser_session")
    with op.batch_alter_table("agreement_acceptance", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_agreement_acceptance_account_id"))

    op.drop_table("agreement_acceptance")
    op.drop_table("title")
    op.drop_table("snapshot_epoch")
    op.drop_table("signing_key")
    op.drop_table("school")
    op.drop_table("login_throttle")
    op.drop_table("cooperation_case")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_event_subject"))
        batch_op.drop_index(batch_op.f("ix_audit_event_at"))
        batch_op.drop_index(batch_op.f("ix_audit_event_action"))

    op.drop_table("audit_event")
    op.drop_table("account")
