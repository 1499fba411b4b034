"""Knows what a rule came to: an account that it found, or accounts that are in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from connectors.linking.accounts import Accounts, Crowd
from domain.parties import LinkMethod, UnlinkedReason


@dataclass(frozen=True)
class Scene:
    """What rules look at: the accounts that there are, and how common things are in the party's source."""

    accounts: Accounts
    crowd: Crowd


@dataclass(frozen=True)
class Found:
    """The account that a rule led to."""

    account: int
    method: LinkMethod
    confidence_percent: int
    evidence: str


@dataclass
class Doubt:
    """Accounts that rules came upon and did not link, with what was said of each.

    `related` are those that belong with the party without being it. `contrary` is true where something speaks against
    an account, and it is not merely that too little speaks for it.
    """

    maybe: dict[int, str] = field(default_factory=dict)
    related: dict[int, str] = field(default_factory=dict)
    reason: UnlinkedReason = "no_candidate"
    because: str = "no account has its id, domain or name"
    contrary: bool = False
    hints: dict[int, str] = field(default_factory=dict)

    def several(self, because: str, accounts: Sequence[int]) -> None:
        """A rule led to more than one account."""
        self._note("ambiguous", because, accounts)

    def unsure(self, because: str, account: int, against: bool = True, related: bool = False) -> None:
        """A rule led to an account that something speaks `against`, or nothing else speaks for."""
        self._note("uncertain", because, [account])
        self.contrary |= against
        if related:
            self.related.setdefault(account, because)

    def hint(self, account: int, because: str) -> None:
        """Something hardly more than a coincidence led to an account: worth a look where nothing better is found."""
        self.hints.setdefault(account, because)

    def _note(self, reason: UnlinkedReason, because: str, accounts: Sequence[int]) -> None:
        # The first rule that came upon any account says why the party is not linked.
        if self.reason == "no_candidate":
            self.reason, self.because = reason, because
        for account in accounts:
            self.maybe.setdefault(account, because)
