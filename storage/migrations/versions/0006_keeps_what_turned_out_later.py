"""Keeps what was learned after figures were published, whose lines were, and with which settings figures were made."""

import sqlalchemy as sa
from alembic import op

from storage import types

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("subscription_lines", sa.Column("learned_at", types.UtcDateTime(), nullable=True))
    op.add_column("account_versions", sa.Column("is_id", key, nullable=True))
    op.add_column("published_figures", sa.Column("conventions", types.JsonText(), nullable=False, server_default="{}"))
    op.create_table(
        "line_moves",
        sa.Column("line_id", key, nullable=False),
        sa.Column("account_id", key, nullable=False),
        sa.Column("moved_at", types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["subscription_lines.id"], name=op.f("fk_line_moves_line_id")),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_line_moves_account_id")),
        sa.PrimaryKeyConstraint("line_id", "moved_at", name=op.f("pk_line_moves")),
    )
    op.execute(
        "UPDATE account_versions SET is_id = (SELECT own.account_id FROM account_identities AS own JOIN accounts"
        " ON accounts.source = own.source AND accounts.external_id = own.external_id"
        " WHERE accounts.id = account_versions.account_id AND own.account_id <> accounts.id)"
    )
