"""The demo company as a fixture: made once a test run at full size, and once small."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl
import pytest

from keepline.__main__ import main
from keepline.demo import Truth, generate
from tests.keepline.calling import Call, Called


@dataclass
class Demo:
    """A generated folder; tables hold text, as a reader of exports sees them."""

    folder: Path
    truth: Truth
    cpu_seconds: float

    def table(self, name: str) -> pl.DataFrame:
        return pl.read_csv(self.folder / f"{name}.csv", infer_schema=False)

    @cached_property
    def accounts(self) -> pl.DataFrame:
        return self.table("accounts")

    @cached_property
    def contracts(self) -> pl.DataFrame:
        days = ("starts_on", "renews_on", "notice_on", "ends_on")
        return self.table("contracts").with_columns(pl.col(*days).str.to_date(), pl.col("arr").cast(pl.Decimal(18, 2)))

    @cached_property
    def lines(self) -> pl.DataFrame:
        """Subscription lines with `monthly`, the amount of a month."""
        return self.table("subscriptions").with_columns(
            pl.col("starts_on", "ends_on").str.to_date(),
            pl.col("trial") == "true",
            monthly=pl.col("amount").cast(pl.Float64) / pl.col("interval_months").cast(pl.Int64),
        )

    @cached_property
    def tickets(self) -> pl.DataFrame:
        return self.table("tickets").with_columns(_moments("created_at", "first_replied_at", "resolved_at"))

    @cached_property
    def messages(self) -> pl.DataFrame:
        return pl.read_ndjson(self.folder / "messages.jsonl").with_columns(_moments("sent_at"))

    @cached_property
    def events(self) -> pl.DataFrame:
        return self.table("ticket_events").with_columns(_moments("happened_at"))

    @cached_property
    def surveys(self) -> pl.DataFrame:
        numbers = pl.col("score", "scale_min", "scale_max").cast(pl.Int64)
        return self.table("surveys").with_columns(_moments("answered_at"), numbers)

    @cached_property
    def touches(self) -> pl.DataFrame:
        return self.table("touches").with_columns(_moments("happened_at"))

    @cached_property
    def usage(self) -> pl.DataFrame:
        return self.table("usage").with_columns(pl.col("used_on").str.to_date(), pl.col("quantity").cast(pl.Int64))


def _moments(*names: str) -> pl.Expr:
    return pl.col(*names).str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_unit="us", time_zone="UTC")


@pytest.fixture(scope="session")
def make_demo(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Demo]:
    """Generate a demo company in a folder of its own."""

    def make(seed: int = 7, accounts: int = 400, tickets: int = 20_000) -> Demo:
        folder = tmp_path_factory.mktemp("demo")
        began = time.process_time()
        truth = generate(folder, seed, accounts, tickets)
        return Demo(folder, truth, time.process_time() - began)

    return make


@pytest.fixture(scope="session")
def demo(make_demo: Callable[..., Demo]) -> Demo:
    """The company that `keepline demo` shows: 400 accounts, 20,000 tickets, seed 7."""
    return make_demo()


@pytest.fixture(scope="session")
def small_demo(make_demo: Callable[..., Demo]) -> Demo:
    """A company of 60 accounts with 1,200 tickets, for tests that look at every row."""
    return make_demo(accounts=60, tickets=1_200)


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call `keepline …` in an empty folder of its own."""
    monkeypatch.chdir(tmp_path)
    for name in ("KEEPLINE_DATABASE_URL", "KEEPLINE_CONFIG_DIR", "KEEPLINE_COMPANY", "KEEPLINE_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)

    def called(*words: str) -> Called:
        monkeypatch.setattr("sys.argv", ["keepline", *words])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        return Called(code, *capsys.readouterr())

    return called
