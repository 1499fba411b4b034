"""The ticket signals as Keepline computes them: frames out of `storage`, expressions of `rules.signals`."""

from dataclasses import replace

import adbc_driver_sqlite.dbapi  # noqa: F401 - imports are not timed
import narwhals as nw

from benchmarks.contest import Answer, Stopwatch
from benchmarks.made_tickets import AS_OF
from benchmarks.signals import COLUMNS
from domain.conventions import CreditConventions, DigestConventions, LedgerConventions
from jobs.evaluate import look
from jobs.rulebook import Rulebook
from rules.signals import SignalWindows, account_signals
from storage.engine import open_engine
from storage.facts import Facts

_RULEBOOK = Rulebook((), SignalWindows(), LedgerConventions(), CreditConventions(), DigestConventions())


def contend(watch: Stopwatch, database: str) -> Answer:
    """What `keepline run` does for the signals, with the tables that the ticket signals do not read left empty."""
    engine = open_engine(f"sqlite:///{database}")
    with watch.part("read"):
        seen = look(Facts(engine), _RULEBOOK, AS_OF, AS_OF).facts
    nothing = nw.from_native(seen.contracts.to_native().select("account_id", acv_cents="arr_cents"))
    with watch.part("compute"):
        signals = account_signals(replace(seen, account_value=nothing), AS_OF, _RULEBOOK.windows)
        found = signals.select(*COLUMNS).collect()
    engine.dispose()
    return Answer.of(found.iter_rows())
