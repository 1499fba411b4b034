"""docs/retention.md names every convention and every kind of contradiction."""

from pathlib import Path

import pytest

from domain.conventions import LedgerConventions
from retention.reconcile import KINDS

PAGE = (Path(__file__).parents[2] / "docs" / "retention.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("setting", sorted(LedgerConventions.model_fields))
def test_every_convention_of_the_ledger_is_documented(setting: str) -> None:
    assert f"`{setting}" in PAGE


@pytest.mark.parametrize("kind", [kind.name for kind in KINDS])
def test_every_kind_of_contradiction_is_documented(kind: str) -> None:
    assert f"`{kind}`" in PAGE
