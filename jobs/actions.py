"""Lists the prepared actions of escalations, and lets persons approve and refuse those that wait for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from domain.errors import KeeplineError, NotFound
from domain.playbooks import ActionState, PreparedAction
from storage.actions import ActionBook
from storage.store import Store

Verdict = Literal["approve", "refuse", "undo"]
_BECOMES: dict[Verdict, ActionState] = {"approve": "ready", "refuse": "refused", "undo": "needs_approval"}
_FROM: dict[Verdict, tuple[ActionState, ...]] = {
    "approve": ("needs_approval",), "refuse": ("needs_approval", "ready"), "undo": ("ready", "refused"),
}  # fmt: skip


@dataclass(frozen=True)
class ShownAction:
    """A prepared action with the name of its account, and the playbook that asks for it and why it was opened."""

    account: str
    playbook: str
    opened_because: str
    action: PreparedAction


def actions(store: Store, everything: bool = False) -> list[ShownAction]:
    """What waits for approval, the oldest first; with `everything` what was decided and what needed no approval too."""
    found = ActionBook(store.engine).actions()
    return _shown(store, [each for each in found if everything or each.state == "needs_approval"])


def one_action(store: Store, begins: str) -> ShownAction:
    """The action whose id begins so.

    Raises:
        NotFound: none does, or several do.
    """
    found = ActionBook(store.engine).actions(begins) if begins else []
    if len(found) == 1:
        return _shown(store, found)[0]
    if found:
        some = ", ".join(each.action_id[:12] for each in found[:5])
        raise NotFound(f"{len(found)} actions begin with {begins!r}: {some}; give more of the id")
    raise NotFound(f"no action's id begins with {begins!r}; keepline actions list --all shows every one")


def decide_action(store: Store, begins: str, verdict: Verdict, by: str, at: datetime) -> ShownAction:
    """Approve an action, refuse it, or take back what was said of it. Nothing has been sent: it is only let go.

    Raises:
        NotFound: no action's id begins so, or several do.
        KeeplineError: it stands otherwise than this can be said of.
    """
    shown = one_action(store, begins)
    action = shown.action
    if action.state not in _FROM[verdict] or (verdict == "undo" and action.decided_by is None):
        raise KeeplineError(f"{action.kind} for {shown.account} is {told(action)}; nothing is left to {verdict}")
    person, moment = (None, None) if verdict == "undo" else (by, at)
    changed = ActionBook(store.engine).decide(action, _BECOMES[verdict], person, moment)
    if changed is None:
        raise KeeplineError("somebody else has just decided about it; look again: keepline actions list --all")
    return ShownAction(shown.account, shown.playbook, shown.opened_because, changed)


def told(action: PreparedAction) -> str:
    """How an action stands, in words."""
    words = {"needs_approval": "waiting for approval", "ready": "ready to be sent"}.get(action.state, action.state)
    return words if action.decided_by is None else f"{words} (decided by {action.decided_by})"


def _shown(store: Store, found: list[PreparedAction]) -> list[ShownAction]:
    names = store.account_names()
    opened = {each.escalation_id: each for each in store.escalations()}
    return [
        ShownAction(
            names.get(each.account_ref, each.account_ref), opened[each.escalation_id].playbook,
            opened[each.escalation_id].because, each,
        )
        for each in found
    ]  # fmt: skip
