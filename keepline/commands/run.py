"""Does the main job and says what it found."""

from dataclasses import asdict
from datetime import datetime

from jobs.run import RunReport
from jobs.run import run as run_job
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner


def run(keepline: Keepline, as_of: datetime | None, since: datetime | None, as_json: bool) -> None:
    """Run at a moment, after catching up from `since`."""
    banner(keepline)
    with show.progress() as report:
        done = run_job(keepline.store, keepline.rulebook, keepline.moment(as_of), report, since)
    if as_json:
        show.as_json(asdict(done))
    else:
        summary(done)


def summary(done: RunReport) -> None:
    """The run in a few lines."""
    show.line(f"Run as of {done.as_of:%Y-%m-%d %H:%M} UTC: {done.accounts:,} accounts seen")
    show.line(f"  linked     {done.linked:,} tickets; {done.unlinked_tickets:,} stay without an account")
    show.line(f"  read       {done.messages_read:,} new customer messages")
    show.line(f"  decided    {done.decisions:,} playbooks apply now; {done.new_decisions:,} decisions put on record")
    if done.acted:
        show.line(
            f"  escalated  {done.opened:,} opened, {done.completed_or_closed:,} moved on or closed by work or time, "
            f"{done.evidence:,} got new evidence, {done.suppressed:,} quiet in their cooldown"
        )
    else:
        show.line("  escalated  nothing: this moment is before the last run, and people have worked since", "yellow")
    show.line(f"  settled    {done.outcomes:,} outcomes, {done.credits:,} shares of credit")
    for playbook, unknown in done.unknown.items():
        if unknown.accounts:
            missing = ", ".join(f"{name} for {count:,}" for name, count in unknown.missing.items())
            show.line(f"  unknown    {playbook}: not decided for {unknown.accounts:,} accounts; missing {missing}")
    show.line("Next: keepline queue, keepline digest, keepline retention, keepline impact")
