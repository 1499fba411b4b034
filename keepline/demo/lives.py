"""Knows how customers live through their contracts, day by day in one order of time, and what each renewal brings."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import date, timedelta
from statistics import median

from keepline.demo.company import SEGMENTS, Customer, Window
from keepline.demo.dice import Dice, EvenDraws
from keepline.demo.revenue import Life, Term
from keepline.demo.trouble import Episode, EpisodeKind, Fate, reason_to_leave, trouble_in_term, trouble_now

NOTICE_SHARE = 0.7
NOTICES_AHEAD = 2.0
PRICE_RISE_SHARE = 0.5
RETURNS = 0.14
LIVE_TROUBLE_SHARE = 0.04
LIVE_KINDS: tuple[EpisodeKind, ...] = ("spike", "anger", "repeated_issue", "silence", "usage_drop")
# Segment, share of the troubles that are live on the last day, and the latest renewal in days.
LIVE_PLACES = (("enterprise", 0.45, 90), ("mid_market", 0.35, 150), ("smb", 0.20, 200))


class Chronicle:
    """All lives, moved forward together, so that luck is even over time and not only over customers."""

    def __init__(self, seed: int, people: list[Customer], window: Window) -> None:
        self._window = window
        self._dice = Dice(seed, "lives")
        self._fates = EvenDraws(Dice(seed, "fates"))
        self._queue: list[tuple[date, int, Callable[[date], None]]] = []
        self._order = 0
        self._large = {
            name: median([c.acv_usd for c in people if c.segment == name] or [0.0]) for name in SEGMENTS
        }  # strata by size: a segment's large customers weigh on its retention
        self.lives = [Life.of(self._dice, customer) for customer in people]

    def run(self) -> list[Life]:
        for life in self.lives:
            self._sign_up(life)
        while self._queue and self._queue[0][0] <= self._window.ends_on:
            day, _, happens = heapq.heappop(self._queue)
            happens(day)
        self._give_notices()
        self._trouble_at_the_end()
        for life in self.lives:
            for episode in life.episodes:
                episode.at_stake = episode.at_stake or life.arr
        return self.lives

    def _at(self, day: date, happens: Callable[[date], None]) -> None:
        self._order += 1
        heapq.heappush(self._queue, (day, self._order, happens))

    def _stratum(self, life: Life, what: str) -> tuple[str, str, bool]:
        segment = life.customer.segment
        return what, segment, life.customer.acv_usd >= self._large[segment]

    def _comes(self, life: Life, what: str, probability: float) -> bool:
        stratum = self._stratum(life, what)
        happens = self._fates.threshold(stratum) <= probability
        self._fates.settle(stratum, probability)
        return happens

    def _sign_up(self, life: Life) -> None:
        customer = life.customer
        paid_from = customer.signed_up_on + timedelta(days=customer.trial_days)
        paid_from = paid_from.replace(day=min(paid_from.day, 28))
        if customer.trial_days:
            life.try_out(customer.signed_up_on, paid_from)
        if customer.trial_only:
            life.stays.append((customer.signed_up_on, paid_from))
        else:
            life.stays.append((customer.signed_up_on, None))
            self._at(paid_from, lambda day: self._buy(life, day, 1.0))

    def _buy(self, life: Life, day: date, share: float) -> None:
        life.buy(self._dice, day, share)
        self._begin_term(life, day)

    def _begin_term(self, life: Life, day: date) -> None:
        term = life.begin_term(self._dice, day)
        troubled = life.customer.traits.trouble * (1.6 - life.customer.satisfaction)
        comes = self._comes(life, "trouble", min(0.9, troubled))
        term.episode = trouble_in_term(self._dice, life.customer, day, term.renews_on, self._window, comes=comes)
        self._plan_growth(life, term)
        self._at(term.renews_on, lambda on: self._renew(life, term, on))

    def _plan_growth(self, life: Life, term: Term) -> None:
        """Seats, plans and products grow some weeks into the term, and not once trouble has begun."""
        dice, traits = self._dice, life.customer.traits
        until = term.episode.began_on if term.episode else term.renews_on
        plans: tuple[tuple[str, float, Callable[[date], None]], ...] = (
            ("seats", traits.growth, lambda on: life.add_seats(dice.between(0.10, 0.38), on)),
            ("cross-sell", traits.cross_sell, lambda on: life.cross_sell(dice, on)),
            ("upgrade", 0.05, life.upgrade),
        )
        for what, probability, happens in plans:
            day = term.starts_on + timedelta(days=dice.whole(20, 330))
            if self._comes(life, what, probability) and day < until:
                self._at(day, happens)

    def _renew(self, life: Life, term: Term, day: date) -> None:
        fate = self._decide(life, term.episode)
        at_stake = life.arr
        if fate == "churned":
            self._churn(life, term, day)
        else:
            term.ends_on = day
            if fate == "contracted":
                life.shrink(term.episode.cut if term.episode else self._dice.between(0.15, 0.35), day)
            elif self._dice.chance(PRICE_RISE_SHARE):
                life.raise_price(self._dice.between(0.02, 0.06), day)
        if term.episode:
            self._record(term.episode, fate, at_stake, 0 if fate == "churned" else min(at_stake, life.arr))
        if fate != "churned":
            self._begin_term(life, day)

    def _decide(self, life: Life, episode: Episode | None) -> Fate:
        """Draw the outcome of a renewal, and for an episode what the other arm would have brought by the same luck."""
        churn_stratum, contraction_stratum = self._stratum(life, "churn"), self._stratum(life, "contraction")
        luck = self._fates.threshold(churn_stratum), self._fates.threshold(contraction_stratum)
        if episode is None:
            churn, contraction = life.customer.traits.churn_calm, life.customer.traits.contraction_calm
        else:
            treated = episode.intervention is not None
            churn, contraction = episode.probabilities(treated=treated)
            episode.outcome_otherwise = _fate(luck, episode.probabilities(treated=not treated))
        fate = _fate(luck, (churn, contraction))
        self._fates.settle(churn_stratum, churn)
        if fate != "churned":
            self._fates.settle(contraction_stratum, contraction)
        return fate

    def _record(self, episode: Episode, fate: Fate, at_stake: int, kept: int) -> None:
        contracted = kept if fate == "contracted" else round(at_stake * (1 - episode.cut))
        otherwise = {"renewed": at_stake, "contracted": contracted, "churned": 0}
        episode.outcome, episode.at_stake, episode.kept = fate, at_stake, kept
        episode.kept_otherwise = otherwise[episode.outcome_otherwise or fate]

    def _churn(self, life: Life, term: Term, day: date) -> None:
        dice = self._dice
        if dice.chance(NOTICE_SHARE):
            heard = day - timedelta(days=dice.whole(15, 70))
            term.notice_on = max(heard, term.episode.began_on + timedelta(days=8)) if term.episode else heard
        life.leave(day, reason_to_leave(dice, term.episode))
        back_on = day + timedelta(days=dice.whole(60, 210))
        back_on = back_on.replace(day=min(back_on.day, 28))
        if self._comes(life, "return", RETURNS) and back_on <= self._window.ends_on:
            life.stays.append((back_on, None))
            self._at(back_on, lambda on: self._buy(life, on, dice.between(0.6, 0.9)))

    def _pending(self, segment: str, within_days: int) -> list[Life]:
        """Customers without trouble or notice whose renewal comes within so many days after the window."""
        last = self._window.ends_on
        return [
            life
            for life in self.lives
            if life.customer.segment == segment and life.terms and life.term.ends_on is None
            if life.term.episode is None and 8 < (life.term.renews_on - last).days <= within_days
        ]  # fmt: skip

    def _give_notices(self) -> None:
        """Some who will leave at a renewal that is still ahead have already said so."""
        for segment, traits in SEGMENTS.items():
            for life in self._pending(segment, 60):
                heard = self._window.ends_on - timedelta(days=self._dice.whole(2, 30))
                if self._comes(life, "notice", NOTICES_AHEAD * traits.churn_calm) and heard > life.term.starts_on:
                    life.term.notice_on = heard
                    life.leave(life.term.renews_on, reason_to_leave(self._dice, None))

    def _trouble_at_the_end(self) -> None:
        """Some trouble that is live on the last day, so that the queue has what a support lead should see."""
        wanted = max(1, round(len(self.lives) * LIVE_TROUBLE_SHARE))
        turn = 0
        for segment, share, within_days in LIVE_PLACES:
            for life in self._dice.shuffled(self._pending(segment, within_days))[: round(wanted * share)]:
                kind, turn = LIVE_KINDS[turn % len(LIVE_KINDS)], turn + 1
                if (self._window.ends_on - life.stays[-1][0]).days > 150:
                    life.term.episode = trouble_now(self._dice, life.customer, kind, life.term.renews_on, self._window)


def _fate(luck: tuple[float, float], probabilities: tuple[float, float]) -> Fate:
    if luck[0] <= probabilities[0]:
        return "churned"
    return "contracted" if luck[1] <= probabilities[1] else "renewed"
