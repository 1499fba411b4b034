"""Knows how to ask a vendor over HTTP: patiently, within its limits, and without giving credentials to strangers."""

import json as json_text
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import requests
from requests.structures import CaseInsensitiveDict
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt

from connectors.rate_limits import NO_LIMITS, Budget, RateLimits
from domain.errors import ConnectorError, CredentialsRejected, Retriable

_TIMEOUT = (10, 60)
_ATTEMPTS = 6
_LONGEST_BODY = 256 * 1024 * 1024
_REDIRECTS = 5
WaitReport = Callable[[float, str], None]
_jitter = random.SystemRandom()


class Clock(Protocol):
    """The time and the waiting; an argument, so that a test need not wait."""

    def now(self) -> datetime: ...

    def sleep(self, seconds: float) -> None: ...


class Auth(Protocol):
    """Credentials. `label` says which they are, without saying them."""

    @property
    def label(self) -> str: ...

    def headers(self) -> Mapping[str, str]:
        """What identifies us in each request."""

    def renew(self, refused: Mapping[str, str]) -> bool:
        """The vendor refused `refused`. Whether there are new credentials now, with which asking again makes sense."""


class Refused(ConnectorError):
    """The vendor understood the request and said no; `status` is its HTTP status, `said` its reason."""

    def __init__(self, message: str, status: int, said: Any) -> None:
        self.status, self.said = status, said
        super().__init__(message)


class NotThere(Refused):
    """What was asked for is not at the vendor's (any more)."""


class Conflict(Refused):
    """Somebody changed it meanwhile."""


@dataclass(frozen=True)
class Answer:
    """What the vendor said: its JSON (None for an empty body) and its headers."""

    status: int
    headers: Mapping[str, str]
    json: Any


@dataclass
class Http:
    """One site of a vendor.

    A request is repeated where that cannot do twice what should be done once: a GET after a lost, broken or busy
    answer, a write only if the vendor turned it away unread (429) or knows it by its idempotency key. Waits up to
    `patience` are waited out and announced, longer ones end as `Retriable` with the time after which to come back.
    """

    base_url: str
    auth: Auth
    clock: Clock
    limits: RateLimits = NO_LIMITS
    on_wait: WaitReport = lambda _seconds, _reason: None
    patience: timedelta = timedelta(minutes=5)
    headers: Mapping[str, str] = field(default_factory=dict)
    calls: int = 0

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        local = parts.hostname in {"127.0.0.1", "localhost", "::1"}
        if parts.scheme != "https" and not (parts.scheme == "http" and local):
            raise ConnectorError(f"{self.base_url} is not https; credentials are sent over https only")
        self._session = requests.Session()
        # Neither .netrc nor a proxy's environment may add or divert credentials.
        self._session.trust_env = False
        self._budget: Budget | None = None
        self._sent_at: dict[str, list[datetime]] = {}

    @property
    def budget_left(self) -> int | None:
        """How many calls the vendor allows before its window ends, by its last answer; None where it does not say."""
        return self._budget.left if self._budget else None

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Answer:
        """Read; `path` may be a full URL of this site, as vendors give it for the next page.

        Raises:
            CredentialsRejected: 401, or 403 for want of a right.
            NotThere: 404 or 410.
            Refused: any other no.
            Retriable: the vendor stayed busy, broken or silent; nothing is wrong with the request.
        """
        return self._ask("GET", path, params=params, repeatable=True)

    def post_search(self, path: str, body: Any) -> Answer:
        """Read by a POST that changes nothing; it is repeated like a GET."""
        return self._ask("POST", path, json=body, repeatable=True)

    def post_form(self, path: str, form: Mapping[str, str], *, repeatable: bool = True) -> Answer:
        """Ask for a token, with a form as OAuth wants it. Not `repeatable` where a refresh token is used up by it."""
        return self._ask("POST", path, form=form, repeatable=repeatable)

    def write(
        self, method: str, path: str, body: Any, headers: Mapping[str, str] | None = None, *, repeatable: bool = False
    ) -> Answer:
        """Change something. `repeatable` says that the vendor recognises a repetition, by a key in `headers` say.

        Raises:
            Conflict: 409 or 412.
            Retriable: it may or may not be in; read back before trying again.
        """
        return self._ask(method, path, json=body, extra=headers, repeatable=repeatable)

    def _ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        extra: Mapping[str, str] | None = None,
        repeatable: bool,
    ) -> Answer:
        url = self._own_url(path)
        retrying = Retrying(
            stop=stop_after_attempt(_ATTEMPTS),
            retry=retry_if_exception_type(_Again),
            wait=_wait,
            sleep=self.clock.sleep,
            before_sleep=self._announce,
            reraise=True,
        )
        try:
            return retrying(self._once, method, url, _Content(params, json, form), extra or {}, repeatable)
        except _Again as again:
            raise Retriable(str(again), again.retry_after) from again.__cause__

    def _once(self, method: str, url: str, content: "_Content", extra: Mapping[str, str], repeatable: bool) -> Answer:
        credentials = self.auth.headers()
        response = self._send(method, url, content, {**extra, **credentials}, repeatable)
        if response.status == 401 and self.auth.renew(credentials):
            response = self._send(method, url, content, {**extra, **self.auth.headers()}, repeatable)
        return self._judged(method, url, response, repeatable)

    def _send(
        self, method: str, url: str, content: "_Content", extra: Mapping[str, str], repeatable: bool
    ) -> "_Response":
        self._wait_for_budget(url)
        headers = {"Accept": "application/json", "User-Agent": user_agent(), **self.headers, **extra}
        place = f"{method} {urlsplit(url).path}"
        self.calls += 1
        params = content.params
        try:
            for _ in range(_REDIRECTS):
                with self._session.request(
                    method, url, params=params, json=content.json, data=content.form, headers=headers, timeout=_TIMEOUT,
                    allow_redirects=False, stream=True,
                ) as answer:  # fmt: skip
                    self._observe(answer)
                    if not answer.is_redirect:
                        return _Response(answer.status_code, answer.headers, _body(answer, place))
                    url, params = self._own_url(urljoin(url, answer.headers["Location"])), None
        except requests.RequestException as error:
            # The text of the error may hold the URL with its query; only its kind is told.
            lost = f"{place}: {_what_broke(error)}"
            raise _Again(lost) if repeatable else Retriable(lost) from error
        raise ConnectorError(f"{place}: redirected {_REDIRECTS} times; check the address of the site")

    def _judged(self, method: str, url: str, response: "_Response", repeatable: bool) -> Answer:
        status, headers, place = response.status, response.headers, f"{method} {urlsplit(url).path}"
        if self.limits.is_limit(status, headers, response.body):
            after = self.limits.retry_after(headers, self.clock.now()) or self.limits.limit_wait(response.body)
            if after is not None and after > self.patience:
                raise Retriable(f"{place}: the vendor's limit is used up", after)
            raise _Again(f"{place}: the vendor's limit is used up", after)
        if status >= 500 or status == 408:
            busy = f"{place}: the vendor answered {status}"
            after = self.limits.retry_after(headers, self.clock.now())
            raise (
                _Again(busy, after)
                if repeatable and (after or timedelta()) <= self.patience
                else Retriable(busy, after)
            )
        if 200 <= status < 300:
            try:
                return Answer(status, headers, json_text.loads(response.body) if response.body.strip() else None)
            except ValueError as error:
                broken = f"{place}: the answer is no JSON"
                raise _Again(broken) if repeatable else Retriable(broken) from error
        raise self._refusal(place, response)

    def _refusal(self, place: str, response: "_Response") -> ConnectorError:
        try:
            said = json_text.loads(response.body)
        except ValueError:
            said = None
        reason = _reason(said)
        if response.status == 401:
            return CredentialsRejected(f"{place}: {self.auth.label} was refused{reason}; give another one")
        if response.status == 403:
            return CredentialsRejected(
                f"{place}: {self.auth.label} lacks a right{reason}; grant it, or give another one"
            )
        kinds = {404: NotThere, 410: NotThere, 409: Conflict, 412: Conflict}
        return kinds.get(response.status, Refused)(
            f"{place}: refused with {response.status}{reason}", response.status, said
        )

    def _own_url(self, path: str) -> str:
        url = path if "://" in path else self.base_url.rstrip("/") + "/" + path.lstrip("/")
        asked, ours = urlsplit(url), urlsplit(self.base_url)
        if (asked.scheme, asked.hostname, asked.port) != (ours.scheme, ours.hostname, ours.port):
            raise ConnectorError(
                f"{ours.hostname} points to {asked.scheme}://{asked.hostname}; credentials are not sent to another host"
            )
        return url

    def _observe(self, answer: requests.Response) -> None:
        self._budget = self.limits.budget(answer.headers, self.clock.now()) or self._budget

    def _wait_for_budget(self, url: str) -> None:
        now = self.clock.now()
        due = self.limits.next_call(urlsplit(url).path, self._sent_at, self._budget, now)
        wait = (due - now).total_seconds()
        if wait > self.patience.total_seconds():
            raise Retriable("the vendor's limit is used up", due - now)
        if wait > 0:
            self.on_wait(wait, "the vendor's limit")
            self.clock.sleep(wait)
        self.limits.note(urlsplit(url).path, self._sent_at, self.clock.now())

    def _announce(self, state: RetryCallState) -> None:
        if state.next_action and state.outcome:
            self.on_wait(state.next_action.sleep, str(state.outcome.exception()))


@dataclass(frozen=True)
class _Content:
    params: Mapping[str, Any] | None
    json: Any
    form: Mapping[str, str] | None


@dataclass(frozen=True)
class _Response:
    status: int
    headers: CaseInsensitiveDict[str]
    body: bytes


class _Again(Exception):
    def __init__(self, message: str, retry_after: timedelta | None = None) -> None:
        self.retry_after = retry_after
        super().__init__(message)


@cache
def user_agent() -> str:
    """Keepline and its version."""
    try:
        return f"Keepline/{version('keepline')}"
    except PackageNotFoundError:
        return "Keepline"


def _wait(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, _Again) and error.retry_after else timedelta()
    # Full jitter, so that several workers do not come back at the same moment.
    backoff = _jitter.uniform(0, min(30.0, 0.5 * 2**state.attempt_number))
    return max(asked.total_seconds(), backoff)


def _body(answer: requests.Response, place: str) -> bytes:
    parts, size = [], 0
    for part in answer.iter_content(65_536):
        size += len(part)
        if size > _LONGEST_BODY:
            raise ConnectorError(f"{place}: the answer is longer than {_LONGEST_BODY >> 20} MB; ask for smaller pages")
        parts.append(part)
    return b"".join(parts)


def _what_broke(error: requests.RequestException) -> str:
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.exceptions.SSLError):
        return "the site's certificate cannot be trusted"
    if isinstance(error, requests.ConnectionError):
        return "the connection broke or could not be made"
    return "the answer broke off"


def _reason(said: Any) -> str:
    """The vendor's own words, where it has any that are short."""
    while isinstance(said, list) and said:
        said = said[0]
    if isinstance(said, Mapping):
        named = (said.get(name) for name in ("message", "description", "error_description", "errors", "error", "title"))
        said = next((each for each in named if each), None)
        if not isinstance(said, str):
            return _reason(said) if said else ""
    return f" ({' '.join(said.split())[:200]})" if isinstance(said, str) and said.strip() else ""
