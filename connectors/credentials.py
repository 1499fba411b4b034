"""Knows the ways in which a request proves who sends it."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connectors.contract import Secrets


@dataclass(frozen=True)
class Basic:
    """User and password, or what a vendor puts in their place."""

    user: str
    password: str
    label: str

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": "Basic " + b64encode(f"{self.user}:{self.password}".encode()).decode()}

    def renew(self, refused: Mapping[str, str]) -> bool:
        return False


@dataclass(frozen=True)
class Nothing:
    """No credentials in the headers: where a token is asked for, they stand in the body. `label` says which."""

    label: str

    def headers(self) -> Mapping[str, str]:
        return {}

    def renew(self, refused: Mapping[str, str]) -> bool:
        return False


@dataclass(frozen=True)
class Token:
    """A secret in a header of its own."""

    value: str
    label: str
    header: str = "Authorization"
    prefix: str = "Bearer "

    def headers(self) -> Mapping[str, str]:
        return {self.header: self.prefix + self.value}

    def renew(self, refused: Mapping[str, str]) -> bool:
        return False


@dataclass(frozen=True)
class OAuth:
    """An access token that expires. `refresh(secrets)` asks the vendor for the new secrets, which are saved.

    Many vendors rotate the refresh token with it: who refreshes twice with the same one is locked out, so it happens
    under the lock of `secrets`, and whoever comes second finds the new token there.
    """

    secrets: Secrets
    refresh: Callable[[Mapping[str, str]], Mapping[str, str]]
    label: str

    def headers(self) -> Mapping[str, str]:
        try:
            held = self.secrets["access_token"]
        except KeyError:
            self.secrets.rotate(self.refresh, "")
            held = self.secrets["access_token"]
        return {"Authorization": f"Bearer {held}"}

    def renew(self, refused: Mapping[str, str]) -> bool:
        self.secrets.rotate(self.refresh, refused["Authorization"].removeprefix("Bearer "))
        return True
