"""Knows which plan a playbook's holdout is, and the arm that an account has under it.

A plan is named by the content of its design, and the name is the key of the draw: the same account has the same arm
under the same plan, in whatever order and batch accounts come, and another plan draws anew.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.effects import Arm, HoldoutPlan
from rules.holdouts.written import Holdout
from rules.playbooks import Playbook

# Another way to draw, to follow or to compare is another method, and so another plan.
METHOD = 1
_DRAWS = 2**64


def design_of(playbook: Playbook) -> dict[str, Any]:
    """All that decides whom a playbook's plan draws, what it compares and how; no word of it is a mere sentence.

    Raises:
        ValueError: the playbook holds out nobody.
    """
    if playbook.holdout is None:
        raise ValueError(f"playbook {playbook.id} has no holdout; write one as docs/holdouts.md says")
    written = playbook.model_dump(mode="json", by_alias=True, exclude_none=True)
    acts = {name: written[name] for name in ("when", "steps")}
    return {"method": METHOD, "playbook": playbook.id, **acts, **written["holdout"]}


def sentences_of(holdout: Holdout) -> dict[str, Any]:
    """The same as people read it: who is never drawn, what is counted, and how the arms are compared."""
    return {
        "unit": "an account, drawn once, when the playbook would open an escalation for it",
        "never": [
            f"ARR above {holdout.max_arr} or unknown",
            "an open urgent ticket",
            "an escalation asked for in an open ticket",
            "an account for which a person let help through",
        ],
        "outcome": f"renewed: no recurring revenue was lost within {holdout.horizon} of the draw",
        "second_outcome": f"ARR kept {holdout.horizon} after the draw, of the ARR at the draw",
        "landmark": "none: everybody counts from the draw",
        "analysis": "as assigned: difference of the shares renewed, treat minus holdout",
        "looks": "always valid: a mixture boundary, at any time and as often as one likes",
        "confidence": "95 %",
    }


def plan_hash(design: Mapping[str, Any]) -> str:
    """The name of a design: equal for equal content, in whatever order it is written."""
    text = json.dumps(design, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def plan_of(playbook: Playbook, power: Mapping[str, Any], registered_at: datetime) -> HoldoutPlan:
    """The plan to be registered; `power` is what was estimated at this moment, and is no part of its name."""
    design = design_of(playbook)
    says = sentences_of(playbook.holdout) if playbook.holdout else {}
    content = {"design": design, "says": says, "power": dict(power)}
    return HoldoutPlan(
        plan_hash=plan_hash(design), playbook=playbook.id, content=content, registered_at=registered_at
    )  # fmt: skip


def holdout_of(plan: HoldoutPlan) -> Holdout:
    """The holdout as it was written when the plan was registered."""
    design = plan.content["design"]
    return Holdout.model_validate({name: design[name] for name in Holdout.model_fields})


def drawn_number(plan_hash: str, account_ref: str) -> int:
    """A number in `[0, 2**64)` that the plan's name and the account's name alone decide."""
    digest = hashlib.blake2b(account_ref.encode(), digest_size=8, key=plan_hash.encode()[:64])
    return int.from_bytes(digest.digest())


def arm_of(plan_hash: str, account_ref: str, holdout: Holdout) -> Arm:
    """`holdout` where the number that is drawn for the account lies below the share, otherwise `treat`."""
    share = holdout.share_ratio
    is_below = drawn_number(plan_hash, account_ref) * share.denominator < share.numerator * _DRAWS
    return "holdout" if is_below else "treat"
