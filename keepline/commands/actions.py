"""Shows what playbooks want to do on the outside, and takes a person's word on it."""

import getpass
from typing import Any

from jobs.actions import ShownAction, Verdict, decide_action, one_action, told
from jobs.actions import actions as find_actions
from keepline import show
from keepline.bootstrap import Keepline
from keepline.wording import banner

_SHORT_ID = 8


def list_actions(keepline: Keepline, everything: bool, as_json: bool) -> None:
    """Print the actions that wait, or all."""
    found = find_actions(keepline.store, everything)
    banner(keepline)
    if as_json:
        show.as_json([printed(each) for each in found])
        return
    if not found:
        show.line("No action waits for approval. All of them: keepline actions list --all")
        show.line("Playbooks ask for actions with `actions:`, see docs/playbooks.md.")
        return
    rows = [
        [
            each.action.action_id[:_SHORT_ID], each.account, each.playbook, each.action.kind, _said(each),
            told(each.action), each.action.because,
        ]
        for each in found
    ]  # fmt: skip
    show.table("Prepared actions", ["Id", "Account", "Playbook", "Action", "Says", "State", "Because"], rows)
    show.line("Open one: keepline actions show ID. Let it go: keepline actions approve ID, or refuse ID.")


def show_action(keepline: Keepline, action: str, as_json: bool) -> None:
    """Print one action."""
    found = one_action(keepline.store, action)
    banner(keepline)
    if as_json:
        show.as_json(printed(found))
        return
    one = found.action
    show.line(f"{one.kind} for {found.account}, asked for by the playbook {found.playbook}.")
    show.line(f"Opened because: {found.opened_because}")
    show.line(f"Says: {_said(found)}")
    show.line(f"Prepared at {one.prepared_at:%Y-%m-%d %H:%M} UTC; {told(one)}; {one.because}.")
    show.line(f"Id {one.action_id}; escalation {one.escalation_id}; ticket {one.ticket_ref or 'none'}.")


def decide(keepline: Keepline, action: str, verdict: Verdict, by: str | None, as_json: bool) -> None:
    """Keep what a person decided."""
    found = decide_action(keepline.store, action, verdict, by or getpass.getuser(), keepline.moment(None))
    banner(keepline)
    if as_json:
        show.as_json(printed(found))
        return
    show.line(f"{found.action.kind} for {found.account} is {told(found.action)}. Nothing was sent by this command.")
    if verdict != "undo":
        show.line(f"Take it back: keepline actions undo {found.action.action_id[:_SHORT_ID]}")


def printed(found: ShownAction) -> dict[str, Any]:
    """One action as data."""
    return {
        "account": found.account, "playbook": found.playbook, "opened_because": found.opened_because,
        **found.action.model_dump(mode="json"),
    }  # fmt: skip


def _said(found: ShownAction) -> str:
    return str(found.action.body[found.action.kind])
