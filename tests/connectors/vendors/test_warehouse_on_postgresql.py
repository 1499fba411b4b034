"""What only a server has: users, rights, schemas and types of its own."""

from collections.abc import Iterator

import pytest
from sqlalchemy import (
    make_url,
    text,
)

from domain.errors import CredentialsRejected, Retriable
from tests.connectors.sites.landed import MANY, TICKETS, Landed, on_the_nth_page

pytestmark = pytest.mark.usefixtures("few_rows_a_page")


class TestPostgres:
    """What only a server has: users, rights, schemas and types of its own."""

    @pytest.fixture
    def database_url(self, postgres_copy: str) -> str:
        return postgres_copy

    def test_a_user_that_is_refused_is_named(self, landed: Landed) -> None:
        landed.add(1)
        ours, landed.url = landed.url, with_user(landed.url, "nobody_here")
        error = landed.sync().error
        assert isinstance(error, CredentialsRejected)
        assert "nobody_here@" in str(error)
        landed.url = ours
        landed.sync_well()
        landed.assert_same()

    @pytest.fixture
    def reader(self, landed: Landed) -> Iterator[str]:
        """A user of the server who may do nothing yet."""
        name = f"reader_{make_url(landed.url).database}"
        execute(landed, f"CREATE ROLE {name} LOGIN PASSWORD 'proving'")
        yield name
        execute(landed, f"DROP OWNED BY {name}; DROP ROLE {name}")

    def test_a_user_without_the_right_to_read_is_told_so(self, landed: Landed, reader: str) -> None:
        landed.add(1)
        landed.url = with_user(landed.url, reader)
        error = landed.sync().error
        assert isinstance(error, CredentialsRejected)
        assert "grant SELECT" in str(error)

    def test_a_server_that_takes_nobody_in_mid_walk_loses_nothing(self, landed: Landed, reader: str) -> None:
        landed.add(MANY)
        name = make_url(landed.url).database
        execute(landed, f"GRANT SELECT ON ticket TO {reader}")
        landed.url = with_user(landed.url, reader)
        full = on_the_nth_page(1, lambda: execute(landed, f"ALTER DATABASE {name} CONNECTION LIMIT 0"))
        assert isinstance(landed.sync(report=full).error, Retriable)
        execute(landed, f"ALTER DATABASE {name} CONNECTION LIMIT -1")
        assert landed.sync_well().read == MANY - 5
        landed.assert_same()

    def test_tables_in_schemas_and_views_are_read(self, landed: Landed) -> None:
        landed.add(3)
        with landed.engine.begin() as connection:
            connection.execute(text("CREATE SCHEMA zendesk"))
            connection.execute(text("CREATE VIEW zendesk.v AS SELECT * FROM ticket WHERE id < 3"))
        landed.rules = [{**TICKETS, "table": "zendesk.v"}]
        landed.sync_well()
        assert sorted(landed.brought()) == ["1", "2"]
        landed.rules = [{**TICKETS, "table": "zendesk.w"}]
        assert "did you mean zendesk.v?" in str(landed.sync().error)
        assert ("zendesk.v", "id") in {(each.object, each.name) for each in landed.connector().site_fields()}

    def test_types_of_postgresql_are_read_as_they_are_meant(self, landed: Landed) -> None:
        with landed.engine.begin() as connection:
            connection.execute(text("CREATE TYPE size AS ENUM ('smb', 'enterprise')"))
            connection.execute(
                text(
                    "CREATE TABLE company (id uuid, name text, size size, domains text[], extra jsonb, place point,"
                    " loaded timestamptz)"
                )
            )
            connection.execute(
                text(
                    "INSERT INTO company SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, 'Acme',"
                    " 'enterprise', ARRAY['acme.example', 'acme.test'], '{\"a\": 1}', point(1, 2),"
                    " '2026-03-02 10:00:00+02' FROM generate_series(1, 12) n"
                )
            )
        landed.rules = [
            {"record": "account", "table": "company", "changed_at": "loaded",
             "fields": {"external_id": "id", "name": "name", "segment": "size", "domains": "domains",
                        "industry": "extra", "region": "place"}}
        ]  # fmt: skip
        landed.sync_well()
        assert landed.sync_well().changed == 0
        accounts = landed.brought("account")
        assert len(accounts) == 12
        first = accounts["00000000-0000-0000-0000-000000000001"]
        assert (first["segment"], first["domains"]) == ("enterprise", ["acme.example", "acme.test"])
        assert first["industry"] == '{"a": 1}'


def with_user(url: str, user: str) -> str:
    """The same database as another user."""
    return make_url(url).set(username=user, password="proving").render_as_string(hide_password=False)


def execute(landed: Landed, statement: str) -> None:
    """What the owner of the server does."""
    with landed.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(statement))
