"""Connectors are found by name: our own, and those that other packages bring."""

import sys
from pathlib import Path

import pytest

from connectors.registry import vendor, vendors
from domain.errors import NotFound

ZAMMAD_LIKE = """
from connectors.contract import Asked, Vendor

VENDOR = Vendor("acmedesk", "Acme Desk", "helpdesk", (Asked("url", "Address", "your browser"),), open=lambda site: None)
ZENDESK = Vendor("zendesk", "Not Zendesk", "helpdesk", (), open=lambda site: None)
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package with a connector, installed beside Keepline."""
    (tmp_path / "acme_desk.py").write_text(ZAMMAD_LIKE, encoding="utf-8")
    facts = tmp_path / "acme_desk-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-desk\nVersion: 1.0\n", encoding="utf-8")
    points = "[keepline.connectors]\nacmedesk = acme_desk:VENDOR\nzendesk = acme_desk:ZENDESK\n"
    (facts / "entry_points.txt").write_text(points, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "acme_desk", raising=False)


def test_every_vendor_says_what_it_asks_for_and_where_to_find_it() -> None:
    known = vendors()
    assert known
    for each in known:
        assert each.asks, each.name
        assert all(one.prompt and one.where for one in each.asks), each.name
        assert all(one.default in (None, "") for one in each.asks if one.secret), "a secret has no default"


@pytest.mark.usefixtures("installed")
def test_another_package_brings_a_connector_by_its_entry_point() -> None:
    assert vendor("acmedesk").title == "Acme Desk"


@pytest.mark.usefixtures("installed")
def test_no_package_takes_the_place_of_one_of_ours() -> None:
    assert vendor("zendesk").title == "Zendesk Support"


def test_an_unknown_name_gets_the_nearest_one() -> None:
    with pytest.raises(NotFound, match="did you mean zendesk"):
        vendor("zen-desk")
