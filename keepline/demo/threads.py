"""Knows how a ticket of the demo goes on: who says what when, what changes on it, and how far it comes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from keepline.demo.arrivals import Arrival
from keepline.demo.clock import DAY, HOUR, after_desk_time
from keepline.demo.dice import Dice, wheel
from keepline.demo.speech import WEEKDAYS, Phrases, Voice

LENGTHS = wheel({1: 3, 2: 18, 3: 24, 4: 21, 5: 14, 6: 10, 7: 6, 8: 4}, 100)
LONGEST = 8
PRIORITIES = {
    "calm": wheel({"low": 0.18, "normal": 0.62, "high": 0.16, "urgent": 0.04}, 100),
    "upset": wheel({"low": 0.03, "normal": 0.42, "high": 0.37, "urgent": 0.18}, 100),
}
CHANNELS = wheel({"email": 0.55, "web": 0.27, "chat": 0.12, "phone": 0.06}, 100)
# Median desk minutes to the first reply.
REPLY_MINUTES = {"low": 300, "normal": 170, "high": 75, "urgent": 30}
ACKNOWLEDGED, OUT_OF_OFFICE, NOTED, ON_HOLD, REOPENED, HANDED_OVER = 0.33, 0.03, 0.06, 0.05, 0.05, 0.08
ESCALATED = {"friendly": 0.01, "neutral": 0.02, "frustrated": 0.07, "angry": 0.22}
# How the customer feels when all is said.
ENDINGS = {
    "friendly": wheel({"thanks": 0.6, "relieved": 0.4}, 20),
    "neutral": wheel({"thanks": 0.8, "relieved": 0.2}, 20),
    "frustrated": wheel({"thanks": 0.45, "relieved": 0.25, "unresolved": 0.30}, 20),
    "angry": wheel({"thanks": 0.20, "relieved": 0.05, "unresolved": 0.75}, 20),
}
AGENTS = [f"agent-{n:02d}" for n in range(1, 19)]
TEAMS = {agent: "europe" if number < 12 else "americas" for number, agent in enumerate(AGENTS)}


@dataclass(slots=True)
class Thread:
    """A ticket with its messages `(author, public, text, when)` and events `(kind, from, to, when)`, oldest first."""

    arrival: Arrival
    subject: str
    channel: str
    tags: tuple[str, ...]
    priority: str
    ending: str
    messages: list[tuple[str, bool, str, int]] = field(default_factory=list)
    events: list[tuple[str, str | None, str | None, int]] = field(default_factory=list)
    status: str = "new"
    assignee: str | None = None
    escalated: bool = False
    first_replied: int | None = None
    resolved: int | None = None

    @property
    def team(self) -> str | None:
        """Where the assignee works."""
        return TEAMS[self.assignee] if self.assignee else None

    def cut_at(self, now: int) -> None:
        """Forget what had not happened by `now`, and settle the ticket's fields accordingly."""
        if self.events[-1][3] >= now:  # the last event closes the ticket, after all messages
            self.messages = [message for message in self.messages if message[3] < now]
            self.events = [event for event in self.events if event[3] < now]
        for kind, _, value, when in self.events:
            if kind == "status":
                self.status = value or "new"
                self.resolved = when if value == "solved" else None if value == "open" else self.resolved
            elif kind == "assignee":
                self.assignee = value
            elif kind == "escalated":
                self.escalated = True
            elif kind == "priority":
                self.priority = value or self.priority
        replies = (when for author, public, _, when in self.messages if author == "agent" and public)
        self.first_replied = next(replies, None)


class Desk:
    """Turns arrivals into threads, one after another, all from one stream of chance."""

    def __init__(self, seed: int, phrases: Phrases, products: tuple[str, ...]) -> None:
        self._dice = Dice(seed, "threads")
        self._phrases, self._products = phrases, products

    def thread(self, arrival: Arrival) -> Thread:
        dice, tone = self._dice, arrival.tone
        slots = {
            "product": dice.pick(self._products),
            "company": arrival.life.customer.name.rsplit(" ", 1)[0],
            "weekday": WEEKDAYS[(arrival.created // DAY + 3) % 7],
        }
        voice = Voice(dice, self._phrases, arrival.issue, tone, arrival.language, slots)
        tags = (arrival.issue.tag, dice.pick(arrival.issue.also)) if dice.chance(0.12) else (arrival.issue.tag,)
        mood = "upset" if tone in {"frustrated", "angry"} else "calm"
        priority, ending = dice.pick(PRIORITIES[mood]), dice.pick(ENDINGS[tone])
        thread = Thread(arrival, voice.subject(), dice.pick(CHANNELS), tags, priority, ending)
        _Conversation(dice, thread, voice).go_on()
        return thread

    def odd(self, thread: Thread, number: int) -> None:
        """Give a thread one of the subjects that look hostile and are not."""
        odd: list[Any] = self._phrases["odd"]["subjects"]
        thread.subject = odd[number % len(odd)]


class _Conversation:
    """Writes one thread forward in time."""

    def __init__(self, dice: Dice, thread: Thread, voice: Voice) -> None:
        self._dice, self._thread, self._voice = dice, thread, voice
        self._arrival = thread.arrival
        self._now = thread.arrival.created
        self._status = "new"
        self._room = 0

    def go_on(self) -> None:
        length = self._dice.pick(LENGTHS)
        self._say("customer", self._voice.opening())
        if length == 1:
            self._need_no_answer()
            return
        if self._dice.chance(ACKNOWLEDGED):
            self._now += self._dice.whole(15, 90)
            self._say("bot", self._voice.bot("acknowledgement"))
            length = max(length, 3)
        self._room = LONGEST - length
        self._first_agent_turn()
        self._take_turns(length - len(self._thread.messages))
        self._close()

    def _happens(self, probability: float, messages: int = 1) -> bool:
        """Whether something comes that adds so many messages; a thread that has no room for them stays without."""
        if not self._dice.chance(probability) or messages > self._room:
            return False
        self._room -= messages
        return True

    def _say(self, author: str, text: str, *, public: bool = True) -> None:
        self._thread.messages.append((author, public, text, self._now))

    def _change(self, kind: str, before: str | None, after: str | None) -> None:
        self._thread.events.append((kind, before, after, self._now))

    def _set_status(self, status: str) -> None:
        if status != self._status:
            self._change("status", self._status, status)
            self._status = status

    def _need_no_answer(self) -> None:
        """A duplicate, or a customer who needs nothing any more; solved without an answer."""
        if self._dice.chance(0.5):
            self._now += self._dice.whole(10, 180) * 60
            self._say("customer", self._voice.bot("withdrawn"))
        self._now += self._dice.whole(10, 90) * 60
        self._finish()

    def _first_agent_turn(self) -> None:
        dice, thread = self._dice, self._thread
        minutes = dice.spread_around(REPLY_MINUTES[thread.priority], 0.8) * (2.6 if self._arrival.slow else 1.0)
        self._now = max(after_desk_time(self._arrival.created, int(minutes * 60)), self._now + 120)
        written, self._now = self._now, self._now - dice.whole(20, 110)
        self._change("assignee", None, dice.pick(AGENTS))
        self._set_status("open")
        self._now = written

    def _take_turns(self, turns: int) -> None:
        """Agent and customer in turn; the last words of the agent are the fix, those of the customer the ending."""
        last_agent_turn = turns - 1 if turns % 2 else turns - 2
        for turn in range(turns):
            if turn % 2:
                self._customer(last=turn == turns - 1)
            else:
                self._agent("fix" if turn >= last_agent_turn else "asking" if turn == 0 else "working", first=turn == 0)

    def _agent(self, kind: str, *, first: bool) -> None:
        dice = self._dice
        if not first:
            if dice.chance(ON_HOLD):
                self._set_status("on_hold")
            slower = 2.0 if self._arrival.slow else 1.0
            self._now = after_desk_time(self._now, int(dice.spread_around(2.6 * HOUR, 0.9) * slower))
            self._set_status("open")
        if self._happens(NOTED):
            self._say("agent", self._voice.note(), public=False)
            self._now += dice.whole(60, 900)
        self._say("agent", self._voice.agent(kind))
        if first:
            self._escalate()
        if kind != "fix":
            self._set_status("pending")
        if self._happens(OUT_OF_OFFICE):
            self._now += dice.whole(10, 60)
            self._say("customer", self._voice.bot("out_of_office"))

    def _escalate(self) -> None:
        dice, thread = self._dice, self._thread
        if dice.chance(ESCALATED[self._arrival.tone]):
            self._now += dice.whole(60, 1200)
            self._change("escalated", "false", "true")
            if thread.priority != "urgent":
                self._change("priority", thread.priority, "urgent")
        elif dice.chance(HANDED_OVER):
            self._now += dice.whole(60, 1200)
            self._change("assignee", thread.events[0][2], dice.pick(AGENTS))

    def _customer(self, *, last: bool) -> None:
        dice = self._dice
        before = self._thread.messages[-1][2]
        self._now = after_desk_time(self._now, int(dice.spread_around(3.2 * HOUR, 1.2))) + dice.whole(5, 600)
        if last:
            kind = self._thread.ending
        elif len(self._thread.messages) <= 3 and self._arrival.tone != "angry":
            kind = "details"
        else:
            kind = "chase" if self._arrival.slow and dice.chance(0.6) else "still"
        self._say("customer", self._voice.reply(kind, before))
        self._set_status("open")

    def _close(self) -> None:
        dice = self._dice
        self._now += dice.whole(2, 45) * 60
        solved_at = self._now
        if self._happens(REOPENED, messages=2):
            self._set_status("solved")
            self._now = after_desk_time(solved_at, dice.whole(4, 40) * HOUR)
            self._say("customer", self._voice.reply("still", self._thread.messages[-1][2]))
            self._set_status("open")
            self._agent("fix", first=False)
            self._now += dice.whole(5, 90) * 60
        self._finish()

    def _finish(self) -> None:
        self._set_status("solved")
        self._now += 4 * DAY
        self._set_status("closed")
