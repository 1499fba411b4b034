"""Knows how Salesforce is signed in to, and that its token goes to no host but the one it was given out for."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from connectors.addresses import site_url
from connectors.contract import Site
from connectors.credentials import Nothing, OAuth
from connectors.http import Http, Refused
from connectors.raw import Raw, Unreadable
from domain.errors import ConnectorError, CredentialsRejected, Retriable

_TOKEN = "/services/oauth2/token"  # noqa: S105 - a path
_HOSTS = (".salesforce.com", ".salesforce.mil")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
# Salesforce takes an assertion for at most three minutes.
_ASSERTION = timedelta(minutes=3)
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class SigningIn:
    """The sign-in of one org: by client credentials, or by a signed assertion where there is a private key."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._login = _salesforce_url(site_url(site.settings["domain"], "https://{}.my.salesforce.com"))
        self._is_local = urlsplit(self._login).hostname in _LOOPBACK
        self._label = f"the client credentials for {urlsplit(self._login).hostname}"
        self.http = Http(self._login, Nothing(self._label), site.clock, on_wait=site.on_wait)
        self._oauth = OAuth(site.secrets, self._refresh, self._label)

    def session(self) -> "Session":
        """A session on the instance that the org lives on; signs in where there is none yet."""
        self._oauth.headers()
        return Session(self._oauth, self._site, self._site.secrets["instance_url"], self._label)

    def _refresh(self, secrets: Mapping[str, str]) -> Mapping[str, str]:
        try:
            answer = Raw.of(self.http.post_form(_TOKEN, self._form(secrets)).json)
            token, instance = answer.must_text("access_token"), answer.must_text("instance_url")
        except Unreadable as error:
            raise ConnectorError(f"POST {_TOKEN}: {error}") from error
        except Refused as error:
            # Salesforce answers 400, not 401, to wrong client credentials.
            raise CredentialsRejected(f"{self._label} were refused ({error}); give others") from error
        return {"access_token": token, "instance_url": _salesforce_url(instance, self._is_local)}

    def _form(self, secrets: Mapping[str, str]) -> dict[str, str]:
        if secrets.get("private_key"):
            return {"grant_type": _JWT_BEARER, "assertion": self._assertion(secrets["private_key"])}
        return {
            "grant_type": "client_credentials",
            "client_id": self._site.settings["client_id"],
            "client_secret": secrets.get("client_secret", ""),
        }

    def _assertion(self, pem: str) -> str:
        try:
            # Where a line must hold it, its lines are written with \n between them.
            key = serialization.load_pem_private_key(pem.replace("\\n", "\n").encode(), None)
        except (ValueError, TypeError) as error:
            raise CredentialsRejected("the private key is no PEM file without a password; give another one") from error
        if not isinstance(key, RSAPrivateKey):
            raise CredentialsRejected("the private key is none of RSA, which Salesforce wants; give another one")
        sandbox = ".sandbox." in self._login or self._login.startswith("https://test.")
        claims = {
            "iss": self._site.settings["client_id"],
            "sub": self._site.settings.get("username", ""),
            "aud": f"https://{'test' if sandbox else 'login'}.salesforce.com",
            "exp": int((self._site.clock.now() + _ASSERTION).timestamp()),
        }
        signed = b".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "RS256"}, claims))
        return (signed + b"." + _encoded(key.sign(signed, PKCS1v15(), hashes.SHA256()))).decode()


@dataclass(frozen=True)
class Session:
    """The token of an org, for requests to the instance that was named with it."""

    oauth: OAuth
    site: Site
    instance_url: str
    label: str

    def headers(self) -> Mapping[str, str]:
        held = self.oauth.headers()
        self._require_same_instance()
        return held

    def renew(self, refused: Mapping[str, str]) -> bool:
        renewed = self.oauth.renew(refused)
        self._require_same_instance()
        return renewed

    def _require_same_instance(self) -> None:
        if self.site.secrets["instance_url"] != self.instance_url:
            raise Retriable("Salesforce has moved this org to another instance; the next sync goes on there")


def _salesforce_url(url: str, local: bool = True) -> str:
    """`url`, if it is one of Salesforce's, or of this machine where that may be.

    Raises:
        ConnectorError: it is another host's, where no credentials are sent.
    """
    parts = urlsplit(url)
    own = parts.scheme == "https" and (parts.hostname or "").endswith(_HOSTS)
    if not own and not (local and parts.hostname in _LOOPBACK):
        raise ConnectorError(f"{parts.hostname} is no host of Salesforce; credentials are not sent there")
    return f"{parts.scheme}://{parts.netloc}"


def _encoded(part: bytes) -> bytes:
    return urlsafe_b64encode(part).rstrip(b"=")
