"""Decides which account a party is, by the first rule that leads to one beyond doubt."""

from dataclasses import dataclass

from connectors.linking.by_domain import by_domain
from connectors.linking.by_id import by_id
from connectors.linking.by_name import by_name
from connectors.linking.doubt import Doubt, Found, Scene
from connectors.linking.profiles import Key, Profile

_RULES = (by_id, by_domain, by_name)


@dataclass(frozen=True)
class Decider:
    """Applies the rules to the parties of one source. `blocked` are pairs that a person said are not the same."""

    scene: Scene
    blocked: frozenset[tuple[Key, int]]

    def decide(self, party: Profile) -> Found | Doubt:
        """The account of a party, or what stands in the way."""
        doubt = Doubt()
        for rule in _RULES:
            found = rule(self.scene, party, doubt)
            if found and (party.key, found.account) in self.blocked:
                return Doubt(reason="uncertain", because="a person said that it is not the account that it seems to be")
            if found:
                return found
        return doubt
