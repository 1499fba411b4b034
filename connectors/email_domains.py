"""Knows the domain of an e-mail address, and the party that stands for a company of which only the domain is known."""

from domain.parties import Party

# Common mailbox providers: an address there says nothing about a company. Linking knows many more.
_MAILBOXES = frozenset(
    {"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "me.com",
     "aol.com", "gmx.de", "gmx.net", "web.de", "mail.ru", "qq.com", "163.com", "proton.me", "protonmail.com"}
)  # fmt: skip


def company_domain(address: str | None) -> str | None:
    """The domain of an address, None where it is none or a common mailbox provider's."""
    _, at, domain = (address or "").strip().lower().rpartition("@")
    is_domain = bool(at) and "." in domain and not domain.startswith(".") and " " not in domain
    return domain if is_domain and domain not in _MAILBOXES else None


def domain_ref(domain: str) -> str:
    """The id of the party that stands for a domain, in a helpdesk where the requester has no organisation."""
    return f"domain:{domain}"


def domain_party(source: str, domain: str) -> Party:
    """The company behind a domain, as far as the helpdesk knows it."""
    return Party(source=source, external_id=domain_ref(domain), role="helpdesk", name=domain, domains=(domain,))
