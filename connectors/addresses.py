"""Knows the address of a site and the host of a website, from what a person gives for it."""

import re
from urllib.parse import urlsplit

from domain.errors import ConnectorError

_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")


def site_url(given: str, hosted: str = "") -> str:
    """The address of a site: `given` itself where it is one, otherwise its name put into `hosted`.

    `site_url("acme", "https://{}.zendesk.com")` and `site_url("acme.zendesk.com", ...)` are `https://acme.zendesk.com`.

    Raises:
        ConnectorError: neither a name nor an address.
    """
    said = given.strip().rstrip("/")
    if "://" in said:
        return said
    bare = said.removesuffix(hosted.rpartition("{}")[2]) if hosted else said
    if hosted and _LABEL.fullmatch(bare):
        return hosted.format(bare)
    if all(_LABEL.fullmatch(label) for label in said.split(".")) and "." in said:
        return f"https://{said}"
    raise ConnectorError(f"{given!r} is no address of a site; give it as https://help.example.com")


def website_host(website: str | None) -> str | None:
    """The host of a website as people write it: `Acme.com`, `https://www.acme.com/de`."""
    said = (website or "").strip().lower()
    try:
        host = urlsplit(said if "://" in said else f"//{said}").hostname or ""
    except ValueError:
        return None
    bare = host.removeprefix("www.")
    return bare if "." in bare and " " not in bare else None
