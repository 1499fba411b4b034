"""Knows how vendors say how many calls they allow, and when the next one may be made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

Headers = Mapping[str, str]
_REASONABLE = timedelta(days=2)


def standard_retry_after(headers: Headers, now: datetime, name: str = "Retry-After") -> timedelta | None:
    """The header's wait, in seconds or as a date; None where it is absent or nonsense."""
    given = headers.get(name, "").strip()
    if given.replace(".", "", 1).isdigit():
        return _within_reason(timedelta(seconds=min(float(given), _REASONABLE.total_seconds())))
    try:
        moment = parsedate_to_datetime(given)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return _within_reason(moment - now)


@dataclass(frozen=True)
class Budget:
    """How many calls are left until `resets_at`; both None where the vendor does not say."""

    left: int | None
    resets_at: datetime | None


@dataclass(frozen=True)
class Pace:
    """At most `calls` in any `per`, for paths that hold `path`."""

    calls: int
    per: timedelta
    path: str = ""


@dataclass(frozen=True)
class RateLimits:
    """One vendor's ways.

    `is_limit(status, headers, body)` says that a call was turned away for the limit. `budget(headers, now)` reads what
    is left. `retry_after(headers, now)` is how long to stay away; where no header says it, `limit_wait(body)` may know
    it from the limit that the body names. `paces` are limits that no header tells.
    """

    budget: Callable[[Headers, datetime], Budget | None] = lambda _headers, _now: None
    is_limit: Callable[[int, Headers, bytes], bool] = lambda status, _headers, _body: status == 429
    retry_after: Callable[[Headers, datetime], timedelta | None] = standard_retry_after
    limit_wait: Callable[[bytes], timedelta | None] = lambda _body: None
    paces: tuple[Pace, ...] = ()

    def next_call(
        self, path: str, sent_at: Mapping[str, list[datetime]], budget: Budget | None, now: datetime
    ) -> datetime:
        """When `path` may be asked for, given when its paces were used and what the vendor said is left."""
        due = [now]
        if budget and budget.left is not None and budget.left <= 0 and budget.resets_at:
            due.append(budget.resets_at)
        for pace in self.paces:
            used = sent_at.get(pace.path, [])
            if pace.path in path and len(used) >= pace.calls:
                due.append(used[-pace.calls] + pace.per)
        return max(due)

    def note(self, path: str, sent_at: dict[str, list[datetime]], now: datetime) -> None:
        """Remember a call for the paces that it counts in."""
        for pace in self.paces:
            if pace.path in path:
                sent_at[pace.path] = [*sent_at.get(pace.path, [])[-pace.calls :], now]


def window_budget(left: str, resets_in: str) -> Callable[[Headers, datetime], Budget | None]:
    """A budget whose header `left` counts calls and whose header `resets_in` counts seconds to the next window."""

    def budget(headers: Headers, now: datetime) -> Budget | None:
        if not headers.get(left, "").isdigit():
            return None
        seconds = headers.get(resets_in, "")
        ends = now + timedelta(seconds=min(int(seconds), _REASONABLE.total_seconds())) if seconds.isdigit() else None
        return Budget(int(headers[left]), ends)

    return budget


def until_reset(name: str) -> Callable[[Headers, datetime], timedelta | None]:
    """A wait whose header is the Unix time of the reset, as some vendors give it instead of Retry-After."""

    def wait(headers: Headers, now: datetime) -> timedelta | None:
        given = headers.get(name, "").strip()
        if not given.isdigit() or len(given) > 11:
            return standard_retry_after(headers, now)
        return _within_reason(datetime.fromtimestamp(int(given), UTC) - (_vendors_now(headers) or now))

    return wait


def reset_budget(left: str, reset: str) -> Callable[[Headers, datetime], Budget | None]:
    """A budget whose header `left` counts calls and whose header `reset` is the Unix time of the next window."""

    def budget(headers: Headers, now: datetime) -> Budget | None:
        if not headers.get(left, "").isdigit():
            return None
        wait = until_reset(reset)(headers, now)
        return Budget(int(headers[left]), now + wait if wait is not None else None)

    return budget


def _vendors_now(headers: Headers) -> datetime | None:
    # A moment of the vendor's is only so far away as the vendor's own clock says; ours may be off.
    try:
        said = parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        return None
    return said if said.tzinfo else said.replace(tzinfo=UTC)


def _within_reason(wait: timedelta) -> timedelta:
    # A vendor's clock that is off must not put us to sleep for a year, or backwards.
    return min(max(wait, timedelta()), _REASONABLE)


NO_LIMITS = RateLimits()
