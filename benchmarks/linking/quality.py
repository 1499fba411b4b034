"""Says how right the linking is on made-up customers: `python -m benchmarks.linking.quality`."""

import argparse
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import sqrt

from benchmarks.linking.made_customers import World, make_world
from connectors.linking import Linking, link

_NOW = datetime(2026, 11, 22, tzinfo=UTC)
_Z = 1.96


@dataclass(frozen=True)
class Quality:
    """How right it was. `linkable` are parties whose customer has an account; `left` those of them not linked."""

    parties: int
    linked: Counter[str]
    right: Counter[str]
    linkable: int
    left: int
    first: int
    in_three: int

    @property
    def precision(self) -> float:
        """The share of automatic links that are right."""
        return self.right.total() / self.linked.total()

    @property
    def recall(self) -> float:
        """The share of parties with an account that are linked to it."""
        return self.right.total() / self.linkable

    def __add__(self, other: "Quality") -> "Quality":
        return Quality(
            self.parties + other.parties, self.linked + other.linked, self.right + other.right,
            self.linkable + other.linkable, self.left + other.left,
            self.first + other.first, self.in_three + other.in_three,
        )  # fmt: skip


def measure(world: World) -> tuple[Quality, Linking]:
    """Link a world without any person's help, and compare with the truth."""
    found = link(world.parties, now=_NOW)
    truth = world.truth
    right = Counter(one.method for one in found.links if _is_right(world, one))
    crm = {truth[key] for key in found.accounts if key[0] == "crm"}
    everywhere = {truth[key] for key in found.accounts}
    alone = set(found.accounts)
    linked = {(one.source, one.external_id) for one in found.links}
    left = []
    linkable = 0
    for key, customer in truth.items():
        if customer is None or (key in alone and (key[0] == "crm" or customer not in crm)):
            continue
        if customer in (crm if key[0] in {"crm", "stripe"} else everywhere):
            linkable += 1
            left += [] if key in linked else [key]
    offered = defaultdict(list)
    for one in found.suggestions:
        offered[one.source, one.external_id].append(truth[one.account_source, one.account_ref])
    first = sum(offered[key][:1] == [truth[key]] for key in left)
    in_three = sum(truth[key] in offered[key][:3] for key in left)
    linked_by = Counter(str(one.method) for one in found.links)
    return Quality(
        len(truth), linked_by, Counter(map(str, right.elements())), linkable, len(left), first, in_three
    ), found


def _is_right(world: World, one: object) -> bool:
    source, external_id = one.source, one.external_id  # type: ignore[attr-defined]
    account = world.truth[one.account_source, one.account_ref]  # type: ignore[attr-defined]
    return account is not None and world.truth[source, external_id] == account


def interval(right: int, of: int) -> tuple[float, float]:
    """Wilson's interval of a share, at 95 %."""
    share, square = right / of, _Z**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _Z * sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return middle - half, min(1.0, middle + half)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print precision, recall and hit rates over several worlds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.linking.quality", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many worlds")
    parser.add_argument("--customers", type=int, default=5_000, help="customers in each")
    parser.add_argument("--wrong", type=int, default=0, help="show so many wrong links of each world")
    chosen = parser.parse_args(arguments)
    total: Quality | None = None
    for seed in range(1, chosen.seeds + 1):
        world = make_world(seed, chosen.customers)
        quality, found = measure(world)
        total = quality if total is None else total + quality
        _show_wrong(world, found, chosen.wrong)
    if total is not None:
        _show(total, chosen.seeds)


def _show(total: Quality, worlds: int) -> None:
    print(f"{worlds} worlds, {total.parties:,} parties, {total.linkable:,} of them with an account to be linked to\n")
    print("| automatic links | right | wrong | precision | 95 % interval |\n|---|---:|---:|---:|---|")
    for method in (*sorted(total.linked), None):
        linked = total.linked[method] if method else total.linked.total()
        right = total.right[method] if method else total.right.total()
        low, high = interval(right, linked)
        name = {"shared_id": "shared id", None: "all"}.get(method, method)
        print(f"| {name} | {right:,} | {linked - right:,} | {right / linked:.2%} | {low:.2%} – {high:.2%} |")
    print(f"\nRecall of automatic links: {total.recall:.1%}.")
    print(
        f"Of {total.left:,} left to a person, the account is the first suggestion for {total.first / total.left:.1%}, ",
        end="",
    )
    print(f"among the first three for {total.in_three / total.left:.1%}.")


def _show_wrong(world: World, found: Linking, most: int) -> None:
    by_key = {(one.source, one.external_id): one for one in world.parties}
    wrong = [one for one in found.links if not _is_right(world, one)]
    for one in wrong[:most]:
        print(one.method, one.confidence_percent, one.evidence)
        for key in ((one.source, one.external_id), (one.account_source, one.account_ref)):
            print("   ", by_key[key].model_dump(exclude_defaults=True), world.truth[key])


if __name__ == "__main__":
    main()
