"""Takes what a person says of an escalation, and tells what it makes of the rule's measured precision."""

import getpass

from domain.playbooks import DecisionVerdict
from jobs.load.answers import answer
from jobs.load.reviewing import measured
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner, rate
from rules.load.precision import Precision

_SAID: dict[DecisionVerdict, str] = {
    "agree": "you agree", "disagree": "you disagree", "withdrawn": "your answer is taken back"
}  # fmt: skip


def run(
    keepline: Keepline,
    escalation: str,
    verdict: DecisionVerdict,
    by: str | None,
    as_json: bool,
    reason: str | None,
    note: str | None,
) -> None:
    """Keep one answer."""
    now, who = keepline.moment(None), by or getpass.getuser()
    given, found = answer(keepline.store, keepline.rulebook, escalation, verdict, who, now, reason, note)
    precision = measured(keepline.store, given.rule_hash, now)
    banner(keepline)
    if as_json:
        show.as_json({**given.model_dump(mode="json"), "because": found.because, "precision": printed(precision)})
        return
    because = f" because: {reason}" if reason else ""
    show.line(f"{found.playbook}, {found.because}: {_SAID[verdict]}{because}.")
    show.line(f"This version of the rule: {told(precision)}. All rules: keepline playbooks review")


def told(precision: Precision) -> str:
    """`12 of 15 answers agree, 80.0 % (54.8 % to 93.0 %)`."""
    known = precision.interval
    if known is None:
        return "nobody has answered yet"
    between = f"{rate(known.low)} to {rate(known.high)}"
    return f"{precision.agreed} of {precision.answered} answers agree, {rate(precision.ratio)} ({between})"


def printed(precision: Precision) -> dict[str, float | int | None]:
    """The same as data; shares are 0..1."""
    known = precision.interval
    return {
        "agreed": precision.agreed, "answered": precision.answered, "ratio": precision.ratio,
        "low": known.low if known else None, "high": known.high if known else None,
    }  # fmt: skip
