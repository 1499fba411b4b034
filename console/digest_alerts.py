"""Knows how a digest tells what the team's days had no room for, and which rules want a look."""

from collections.abc import Iterator

from console.digest_layout import Fact, Row, Section, day
from retention.digest import DigestContent
from retention.digest.content import HeldBack, HeldBackRow
from retention.digest.paths import counted
from retention.digest.words import money

_REVIEW = "keepline playbooks review"
_RETENTION = "keepline retention --report"


def alert_load(content: DigestContent) -> Iterator[Section]:
    """Where retention fell, what the daily budget held back, and the rules that want a look, if there are any."""
    if content.grr_alerts:
        rows = tuple(Row("Gross retention", "", "", because, "", "plain") for because in content.grr_alerts)
        told = (Fact("Alerts", str(len(rows)), "gross retention fell, or stands below its floor"),)
        yield Section("For the leadership of support", _RETENTION, told, rows, 0, "")
    if content.held_back is not None:
        yield _held_back(content.held_back, content.currency)
    if content.rules_to_review:
        rows = tuple(Row(one.playbook, one.proposed, "", one.because, "", "plain") for one in content.rules_to_review)
        yield Section(
            "Playbooks to review", _REVIEW, (Fact("Proposed", str(len(rows)), "nothing is changed by itself"),), rows,
            0, "",
        )  # fmt: skip


def _held_back(held: HeldBack, currency: str) -> Section:
    unknown = f"; {counted(held.arr_unknown, 'account')} of unknown ARR" if held.arr_unknown else ""
    since = f"; {held.opened_since} more were opened since" if held.opened_since else ""
    whole = f"{counted(held.matters, 'matter')} of {counted(held.accounts, 'account')}{unknown}{since}"
    return Section(
        "Held back by the daily budget", held.command, (Fact("ARR behind it", money(held.arr, currency), whole),),
        tuple(_row(row, currency) for row in held.rows), held.more, "All that was held back was opened since.",
    )  # fmt: skip


def _row(row: HeldBackRow, currency: str) -> Row:
    worth = "ARR unknown" if row.arr is None else money(row.arr, currency)
    return Row(row.account, worth, day(row.held_on), f"{row.playbook}: {row.because}", "", "plain")
