"""Knows how to ask a language model behind an OpenAI-compatible address, and how little to believe of its manners.

The address is asked once, over https (over http on this machine alone), without following it elsewhere; an answer that
is late as a whole or longer than a summary can be is none.
"""

import json
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import requests

from connectors.http import user_agent
from domain.errors import ConfigError, ConnectorError, CredentialsRejected, Retriable

LONGEST_ANSWER = 256 * 1024
_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})
_PLACE = "KEEPLINE_LANGUAGE_MODEL_URL"


@dataclass(frozen=True)
class ChatCompletions:
    """A model at `BASE_URL/chat/completions`; `key` may be None where the address asks for none.

    Raises:
        ConfigError: the address is neither https nor on this machine.
    """

    base_url: str
    model: str
    key: str | None = None
    seconds: float = 30.0

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        local = parts.hostname in _LOCAL
        if not parts.hostname or (parts.scheme != "https" and not (parts.scheme == "http" and local)):
            raise ConfigError(_PLACE, "an address that is not https", "give https://HOST/v1, or http on this machine")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ConfigError(
                _PLACE, "an address with more than a path", "put the key into KEEPLINE_LANGUAGE_MODEL_KEY"
            )

    @property
    def name(self) -> str:
        """The model and its host."""
        return f"{self.model} at {urlsplit(self.base_url).hostname}"

    def answer(self, instructions: str, material: str) -> str:
        """What the model writes.

        Raises:
            Retriable: no answer in time, or the host is busy or broken.
            CredentialsRejected: the key was refused.
            ConnectorError: the answer is none, points elsewhere, or is too long.
        """
        said: SimpleQueue[str | Exception] = SimpleQueue()
        # A host that sends a byte now and then would pass every timeout between bytes; the whole has an end, too.
        asking = Thread(target=self._ask, args=(instructions, material, said), daemon=True)
        asking.start()
        try:
            answered = said.get(timeout=self.seconds)
        except Empty:
            raise Retriable(f"{self.name} gave no answer in {self.seconds:g} seconds") from None
        if isinstance(answered, Exception):
            raise answered
        return answered

    def _ask(self, instructions: str, material: str, said: "SimpleQueue[str | Exception]") -> None:
        try:
            said.put(self._asked(instructions, material))
        except ConnectorError as error:
            said.put(error)
        except requests.RequestException as error:
            # The text of such an error may hold what was sent; only its kind is told.
            said.put(Retriable(f"{self.name} was not reached: {type(error).__name__}"))
        except Exception as error:
            said.put(ConnectorError(f"{self.name} answered in a way that is not understood: {type(error).__name__}"))

    def _asked(self, instructions: str, material: str) -> str:
        body = {
            "model": self.model,
            "temperature": 0,
            "messages": [{"role": "system", "content": instructions}, {"role": "user", "content": material}],
        }
        headers = {"Accept": "application/json", "User-Agent": user_agent()}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        with requests.Session() as session:
            # Neither .netrc nor a proxy's environment may add or divert credentials.
            session.trust_env = False
            url = self.base_url.rstrip("/") + "/chat/completions"
            with session.post(
                url, json=body, headers=headers, timeout=self.seconds, allow_redirects=False, stream=True
            ) as answer:
                self._refuse(answer.status_code)
                return self._content(self._body(answer))

    def _refuse(self, status: int) -> None:
        if 300 <= status < 400:
            raise ConnectorError(f"{self.name} points to another address ({status}); nothing is sent there")
        if status in {401, 403}:
            raise CredentialsRejected(f"{self.name} refused the key ({status}); mend KEEPLINE_LANGUAGE_MODEL_KEY")
        if status == 429 or status >= 500:
            raise Retriable(f"{self.name} is busy or broken ({status})")
        if status != 200:
            raise ConnectorError(f"{self.name} refused with {status}; check the address and the model's name")

    def _body(self, answer: requests.Response) -> bytes:
        parts, size = list[bytes](), 0
        for part in answer.iter_content(8_192):
            size += len(part)
            if size > LONGEST_ANSWER:
                raise ConnectorError(f"{self.name} wrote more than {LONGEST_ANSWER >> 10} KiB")
            parts.append(part)
        return b"".join(parts)

    def _content(self, body: bytes) -> str:
        try:
            said: Any = json.loads(body)["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise ConnectorError(f"{self.name} gave no completion of a chat; check the address") from error
        if not isinstance(said, str):
            raise ConnectorError(f"{self.name} gave a completion without text")
        return said
