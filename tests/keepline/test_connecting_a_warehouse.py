"""A warehouse is connected by its URL and mapped in `connectors.yaml`."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from storage.sealing import new_key
from tests.keepline.calling import Call

_MAPPING = """\
connections:
  shop:
    defaults: {time_zone: Europe/Berlin}
    tables:
      - record: ticket
        table: ticket
        changed_at: loaded_at
        fields: {external_id: id, subject: subject, created_at: created_at}
"""


@pytest.fixture
def connect(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """`keepline connect warehouse` with a database that has two tickets."""
    with closing(sqlite3.connect(tmp_path / "shop.db")) as shop:
        shop.execute("CREATE TABLE ticket (id INTEGER PRIMARY KEY, subject, created_at, loaded_at)")
        shop.execute("INSERT INTO ticket VALUES (1, 'Export', '2026-01-05 09:00', '2026-01-06 00:00')")
        shop.execute("INSERT INTO ticket VALUES (2, 'Import', '2026-07-05 09:00', '2026-07-06 00:00')")
        shop.commit()
    monkeypatch.setenv("KEEPLINE_SECRET_KEY", new_key())
    monkeypatch.setenv("KEEPLINE_CONNECT_URL", f"sqlite:///{tmp_path / 'shop.db'}")
    return call


def write_mapping(tmp_path: Path, text: str) -> None:
    (tmp_path / "keepline-config").mkdir(exist_ok=True)
    (tmp_path / "keepline-config" / "connectors.yaml").write_text(text, encoding="utf-8")


def test_a_warehouse_is_connected_mapped_and_synced(connect: Call, tmp_path: Path) -> None:
    done = connect("connect", "warehouse", "--name", "shop")
    assert (done.code, "no tables are mapped" in done.out) == (0, True)
    assert connect("sync", "shop").code == 1
    write_mapping(tmp_path, _MAPPING)
    (synced,) = connect("sync", "shop", "--json").json
    assert (synced["state"], synced["streams"]) == ("done", {"ticket from ticket": 2})
    assert "subject" in connect("connectors", "shop", "--fields").out


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("record: ticket", "record: tickt", "connectors.yaml:5"),
        ("subject: subject", "sujbect: subject", "did you mean 'subject'?"),
        ("changed_at: loaded_at", "changed_at: loadet_at", "has no column 'loadet_at'; did you mean 'loaded_at'?"),
        ("Europe/Berlin", "Berlin", "'Berlin' is not a time zone"),
    ],
)
def test_a_mistake_in_the_mapping_is_told_with_what_would_be_right(
    connect: Call, tmp_path: Path, old: str, new: str, told: str
) -> None:
    connect("connect", "warehouse", "--name", "shop")
    write_mapping(tmp_path, _MAPPING.replace(old, new))
    done = connect("sync")
    assert done.code == 1
    assert told in " ".join((done.out + done.err).split())


def test_tables_are_a_warehouse_s_alone(connect: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEEPLINE_CONNECT_CLIENT_SECRET", "hush")
    monkeypatch.setenv("KEEPLINE_CONNECT_PRIVATE_KEY", "")
    write_mapping(tmp_path, _MAPPING)
    settings = ("--set", "domain=acme", "--set", "client_id=key", "--set", "username=x")
    more = ("--set", "contracts_from=opportunities", "--set", "currency=USD")
    done = connect("connect", "salesforce", "--name", "shop", *settings, *more)
    assert done.code != 0
    assert "Salesforce has none, a warehouse has" in " ".join((done.out + done.err).split())
