"""Knows which words of a sentence make it weigh: what is broken, since when, what it costs, what is promised."""

import re
from typing import NamedTuple

from rules.text.impact import read_impact

# Kinds of evidence that a reader must not miss.
_GRAVE_KINDS = frozenset(
    "churn_intent competitor_named contact_leaving budget_cut legal_trouble escalation_asked repeat_complaint".split()
)


class Cue(NamedTuple):
    """Words that weigh `points`, and what they are called."""

    name: str
    points: float
    expression: re.Pattern[str]


def _cue(name: str, points: float, words: str) -> Cue:
    return Cue(
        name, points, re.compile(rf"(?<!\w)(?:{''.join(map(str.strip, words.splitlines()))})(?!\w)", re.IGNORECASE)
    )


_CUSTOMER = (
    _cue("stands still", 1.0, r"""
        (?:is|are|was|were|went|goes|still|completely|system|site|service|portal|api|production|everything|been) down
        |outage|blocked|blocker|blocking|blocks|urgent(?:ly)?|asap|critical|emergency|unusable|production
        |data loss|lost data|data (?:is|are) (?:lost|gone)|security|breach|leak(?:ed|s)?|exposed|everyone
        |whole (?:team|company|office)|all (?:our )?(?:users|customers|stores|staff|orders)|nobody can
        |no one can|none of (?:us|our)|cannot work|can't work|payroll|lawyers?|legal|compliance|audit|gdpr
        |(?:sit|sits|sitting|stand|stands|standing) (?:idle|still)|ausfall|dringend|blockiert|panne|bloqué
        |urgente?|caíd[oa]|bloquead[oa]
    """),
    _cue("wants to leave", 1.2, r"""
        cancel(?:l?ing|lation)? (?:our|the|my|this) (?:account|contract|subscription|plan|licen[cs]es?|agreement)
        |not (?:be )?renew(?:ing)?|won't (?:be )?renew(?:ing)?|switch(?:ing)? to|moving to|alternatives?
        |competitors?|terminate|other vendors?|end (?:the|our) contract|kündig\w{1,6}|résilier|rescindir
    """),
    _cue("again", 0.7, r"""
        (?:second|third|fourth|fifth|2nd|3rd|4th) time|again and again
        |every (?:single )?(?:time|day|week|month|morning)
        |still (?:no|not|waiting|broken|fails?|failing|happen\w{0,3}|the same)
        |keeps? (?:happening|failing|coming)|same (?:issue|problem|error)|once more|reopen\w{0,3}|unacceptable
        |escalat\w{1,4}|your manager|immer noch|schon wieder|toujours pas|otra vez
    """),
    _cue("what is wrong", 0.5, r"""
        fail(?:s|ed|ing|ure|ures)?|errors?|broken|crash(?:es|ed|ing)?|wrong|missing|empty|stuck|slow|timeouts?
        |times? out|rejected|refused|cannot|can't|could not|couldn't|unable|does(?:n't| not)
        |is(?:n't| not) (?:working|possible|available)|not (?:working|arriv\w{1,3}|visible|possible)|no longer
        |disappear\w{0,3}|vanish\w{0,3}|never (?:arriv\w{1,3}|c[ao]mes?)|duplicat\w{1,4}|twice|overcharged
        |charged|loops?|denied|locked|freezes?|hangs?|stop(?:s|ped)|late|delay(?:s|ed)?|lags?|gone|drops?|resets?
        |differs?|instead of|although|even though|too (?:low|high|late|slow|small|large|many|few)
        |fehler|geht nicht|funktioniert nicht|ne (?:marche|fonctionne) pas|no funciona
    """),
    _cue("a deadline", 0.5, r"""
        deadline|by (?:tomorrow|tonight|noon|friday|monday|tuesday|wednesday|thursday|end of|eod|the end)
        |(?:until|before|due|on) (?:tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday)
        |go(?:es|ing)? live|go-live|quarter.?end|month.?end|year.?end|launch|board|auditors?|(?:is|are) due
    """),
    _cue("what it costs", 0.5, r"""
        [$€£] ?\d[\d.,]{0,12}
        |\d[\d.,]{0,12} ?(?:usd|eur|gbp|€|euros?|dollars|orders|users|customers|stores|people|employees|invoices|seats
        |hours|days)
        |losing|lost|costs? us|revenue|penalt\w{1,3}|refund\w{0,3}
    """),
    _cue("how it began", 0.3, r"""
        since|after (?:the|your|our|last|an|we)|started|first (?:noticed|happened|seen)|yesterday|this morning
        |last (?:night|week|month|friday|monday)
    """),
    _cue("what was found", 0.3, r"""
        we (?:found|noticed|tried|tested|checked|see|saw)|only (?:happens|when|if|for|in|with|on)
        |works (?:in|on|with|for|now|again)|working (?:now|again)|solved|fixed|resolved|confirm\w{0,2}
    """),
)  # fmt: skip
_COURTESY = re.compile(
    r"(?:(?:could|can|would) (?:you|someone|anyone|we)|please|any (?:help|ideas?|updates?|news)"
    r"|let (?:me|us) know|(?:i )?hope|(?:i )?look(?:ing)? forward|(?:many )?thanks?|thank|sorry|apolog\w{2,6}"
    r"|no (?:problem|worries)|ok(?:ay)?|great|perfect|sure|will do|understood|noted"
    r"|(?:i am|i'm|we are|we're|my name)|(?:see|find) attached|attached)\b",
    re.IGNORECASE,
)
_MOST_POINTS, _GRAVE = 2.0, 1.2


class Weighed(NamedTuple):
    """How much a sentence weighs by its words, about 0..3, and because of which; below 0: it is courtesy."""

    points: float
    because: str


def customer_weight(said: str, content: int, kinds: tuple[str, ...] = ()) -> Weighed:
    """What a customer's sentence weighs; `content` is how many of its words say something, `kinds` evidence in it."""
    found = [cue for cue in _CUSTOMER if cue.expression.search(said)]
    points = sum(cue.points for cue in found)
    names = [cue.name for cue in found]
    points = min(points, _MOST_POINTS)
    if not _GRAVE_KINDS.isdisjoint(kinds):
        points, names = points + _GRAVE, [kind.replace("_", " ") for kind in kinds if kind in _GRAVE_KINDS]
    if not names and (content < 2 or (_COURTESY.match(said) and content < 5)):
        return Weighed(-1.0, "")
    return Weighed(points, ", ".join(names[:2]))


def agent_weight(said: str, content: int) -> Weighed:
    """What an agent's sentence weighs: whether it moves the issue on, by what `rules.text.impact` reads in it."""
    reading = read_impact(said)
    if reading.impactful is False:
        return Weighed(-1.0, "")
    if reading.certain and reading.impactful:
        about = reading.because.partition(":")[0]
        # A question that was answered since tells little.
        return Weighed({"asks": 0.0, "asks for something": 0.0, "answers": 0.3}.get(about, 0.8), about)
    return Weighed(-0.5 if content < 3 else 0.5, "")
