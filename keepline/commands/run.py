"""Does the main job and says what it found."""

from dataclasses import asdict
from datetime import datetime

import typer

from domain.errors import KeeplineError
from jobs.run import RunReport
from jobs.run import run as run_job
from jobs.sla.keeping import SlaReport
from keepline import show
from keepline.bootstrap import Keepline, current_moment
from keepline.commands.sync import printed, pull
from keepline.wording import banner, money


def run(keepline: Keepline, as_of: datetime | None, since: datetime | None, *, sync: bool, as_json: bool) -> None:
    """Pull what changed, then run at a moment, after catching up from `since`. A run of the past pulls nothing.

    A site that cannot be read keeps nobody from working with what is there.
    """
    banner(keepline)
    wanted = keepline.connected.connections() if sync and as_of is None and not keepline.is_demo else []
    pulled = pull(keepline, wanted, quiet=as_json)
    if any(each.stopped for each in pulled):
        raise typer.Exit(130)
    moment = _not_ahead(keepline.moment(as_of), since)
    with show.progress() as report:
        done = run_job(keepline.store, keepline.rulebook, moment, report, since)
    if as_json:
        show.as_json({**asdict(done), "synced": [printed(each) for each in pulled]})
    else:
        summary(done)


def _not_ahead(moment: datetime, since: datetime | None) -> datetime:
    """Today means now. A later day is refused: what expires in a run of the future stays expired."""
    now = current_moment()
    if moment > now and moment.date() > now.date():
        raise KeeplineError(f"{moment:%Y-%m-%d} lies ahead; give --as-of a day that has come")
    if since is not None and since > moment:
        raise KeeplineError(f"--since {since:%Y-%m-%d} is after --as-of {moment:%Y-%m-%d}; give an earlier day")
    return min(moment, now)


def _of(done: RunReport) -> str:
    return f" of {done.coverage.tickets:,}" if done.coverage else ""


def _sla(sla: SlaReport) -> str:
    first = f"{sla.promised:,} tickets promised for the first time, " if sla.promised else ""
    summarised = f"; {sla.summarised:,} tickets without a status history" if sla.summarised else ""
    return (
        f"{first}{sla.retargeted:,} retargeted; {sla.running:,} clocks running, {sla.paused:,} paused, "
        f"{sla.breached:,} breached, {sla.new_breaches:,} new breaches{summarised}"
    )


def summary(done: RunReport) -> None:
    """The run in a few lines."""
    show.line(f"Run as of {done.as_of:%Y-%m-%d %H:%M} UTC: {done.accounts:,} accounts seen")
    show.line(f"  linked     {done.linked:,} tickets; tickets not linked: {done.unlinked_tickets:,}{_of(done)}")
    if done.coverage:
        alone = money(done.coverage.arr_alone_cents, done.coverage.currency)
        whole = money(done.coverage.arr_cents, done.coverage.currency)
        show.line(f"             ARR without a helpdesk customer: {alone} of {whole}")
    show.line(f"  read       {done.messages_read:,} new customer messages, {done.replies_read:,} of agents")
    show.line(f"  grouped    {done.grouped:,} new tickets by what they are about")
    if done.sla:
        show.line(f"  SLA        {_sla(done.sla)}")
    _say_foretold(done)
    show.line(f"  decided    {done.decisions:,} playbooks apply now; {done.new_decisions:,} decisions put on record")
    if done.episodes:
        show.line(
            f"  at risk    {done.episodes:,} accounts came to be at risk; what was known of them then is on record"
        )
    if done.caught_up:
        show.line(f"  caught up  {done.caught_up:,} weeks before, Monday by Monday")
    if done.left_alone:
        show.line(
            f"  left alone the escalations of {done.left_alone:,} moments before the last run: people worked since",
            "yellow",
        )
    if done.acted:
        show.line(
            f"  escalated  {done.opened:,} opened, {done.completed_or_closed:,} moved on or closed by work or time, "
            f"{done.evidence:,} got new evidence, {done.suppressed:,} quiet in their cooldown"
        )
    _say_held_out(done)
    _say_held_back(done)
    show.line(f"  settled    {done.outcomes:,} outcomes, {done.credits:,} shares of credit")
    if done.published and (done.published.new or done.published.restated):
        restated = f"; {done.published.restated:,} restated: keepline restatements" if done.published.restated else ""
        show.line(f"  published  {done.published.new:,} rows of the ledger for the first time{restated}")
    _say_in_shadow(done)
    _say_leadership(done)
    for playbook, unknown in done.unknown.items():
        if unknown.accounts:
            missing = ", ".join(f"{name} for {count:,}" for name, count in unknown.missing.items())
            show.line(f"  unknown    {playbook}: not decided for {unknown.accounts:,} {unknown.of}; missing {missing}")
    show.line("Next: keepline queue, keepline sla, keepline digest, keepline retention, keepline impact")


def _say_in_shadow(done: RunReport) -> None:
    if done.in_shadow:
        versions = "1 version" if done.in_shadow == 1 else f"{done.in_shadow:,} versions"
        show.line(
            f"  in shadow  {versions} of playbooks made {done.shadow_decisions:,} decisions and opened nothing: "
            "keepline playbooks compare ID"
        )


def _say_leadership(done: RunReport) -> None:
    for alert in done.leadership:
        show.line(
            f"  leadership {'new: ' if alert.is_new else ''}{alert.because}: keepline retention --report", "yellow"
        )


def _say_foretold(done: RunReport) -> None:
    if done.foretold:
        show.line(f"  foretold   satisfaction with {done.foretold:,} tickets that nobody rated: keepline predictions")


def _say_held_back(done: RunReport) -> None:
    if done.held_back:
        show.line(
            f"  held back  {done.held_back:,} that weigh least opened nothing, for their owners' days are full; "
            "they are in the digest: keepline digest"
        )


def _say_held_out(done: RunReport) -> None:
    if done.held_out or done.drawn or done.let_through:
        show.line(
            f"  held out   {done.held_out:,} decisions opened nothing by lot; {done.drawn:,} accounts drawn, "
            f"{done.let_through:,} let through by a rule: keepline holdout"
        )
