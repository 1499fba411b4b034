"""Knows under which headers people keep a record's fields, in words of lower case."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.imports import RecordName

_ACCOUNT_REF = (
    "account id", "account", "customer id", "customer", "client id", "client", "company id", "company",
    "organization id",
    "organization", "organisation", "org id", "org", "account name", "customer name", "company name", "client name",
    "account number", "customer number", "customer no", "customer ref", "account ref", "tenant", "tenant id",
    "workspace id",
)  # fmt: skip
_STARTS = (
    "start date", "start", "starts", "starts on", "started", "started on", "from", "valid from", "begin",
    "begin date",
    "contract start", "subscription start", "activation date", "activated", "active since", "effective date", "since",
    "period start", "term start", "go live", "signed", "signed on",
)  # fmt: skip
_ENDS = (
    "end date", "end", "ends", "ends on", "ended", "ended on", "until", "to", "valid to", "valid until", "cancelled",
    "canceled", "cancelled on", "canceled on", "cancellation date", "cancelled at", "canceled at", "churned on",
    "churn date", "terminated", "termination date", "subscription end",
)  # fmt: skip
_RENEWS = (
    "renewal date", "renewal", "renews on", "renews", "next renewal", "renewal on", "contract end",
    "contract end date",
    "term end", "expires", "expiry", "expiry date", "expiration date", "due for renewal",
)  # fmt: skip
_ARR = ("arr", "annual recurring revenue", "acv", "annual contract value", "annual value", "contract value",
        "yearly value",
        "annual amount", "yearly amount", "annual revenue", "value per year", "yearly fee", "annual fee",
        "arr usd")  # fmt: skip
_CURRENCY = ("currency", "currency code", "curr", "ccy")
_CSM = ("csm", "customer success manager", "success manager", "account manager", "account owner", "owner", "am")
_TAGS = ("tags", "labels", "label", "tag", "keywords")

# The words by which a table's own name or its id column shows what it holds.
NOUNS: Mapping[RecordName, tuple[str, ...]] = MappingProxyType(
    {
        "account": ("account", "customer", "client", "company", "organization", "organisation", "tenant"),
        "contract": ("contract", "agreement", "renewal", "deal", "order", "opportunity"),
        "subscription_line": (
            "subscription",
            "line",
            "license",
            "licence",
            "plan",
            "billing",
            "mrr",
            "revenue",
            "invoice",
        ),
        "churn_report": ("churn", "cancellation"),
        "fx_rate": ("fx", "rate", "exchange"),
        "ticket": ("ticket", "case", "issue", "request", "conversation", "support", "incident", "helpdesk"),
        "message": ("message", "comment", "reply", "thread", "email"),
        "ticket_event": ("event", "history", "audit", "change", "log"),
        "survey": ("survey", "csat", "nps", "ces", "feedback", "rating", "satisfaction"),
        "usage_day": ("usage", "activity", "login", "feature"),
        "touch": ("touch", "touchpoint", "call", "meeting"),
        "article": ("article", "knowledge", "kb", "faq", "guide", "page"),
        "article_view": ("view", "pageview", "visit", "hit", "article view"),
    }
)

SYNONYMS: Mapping[RecordName, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "account": {
            "external_id": ("id", "number", "no", "key", "code", "ref", "external id", "uuid"),
            "name": ("name", "title", "account name", "customer name", "company name", "client name", "customer",
                     "company",
                     "account", "client", "organization", "organisation", "legal name", "display name"),
            "domains": ("domain", "domains", "website", "email domain", "web site", "url", "homepage"),
            "segment": ("segment", "customer segment", "size", "company size", "tier", "customer tier", "category",
                        "class"),
            "industry": ("industry", "sector", "vertical", "branch"),
            "region": ("region", "country", "territory", "market", "geo", "location", "state"),
            "csm": _CSM,
            "parent_ref": ("parent ref", "parent id", "parent account", "parent account id", "parent company"),
            "signed_up_on": ("signup date", "sign up date", "signed up", "created", "created at", "created on",
                             "since",
                             "customer since", "joined", "joined on", "onboarded", "start date", "first contract"),
        },
        "contract": {
            "external_id": ("id", "number", "no", "key", "ref", "contract id", "contract number", "agreement"),
            "account_ref": _ACCOUNT_REF,
            "starts_on": _STARTS,
            "renews_on": _RENEWS,
            "notice_on": ("notice date", "notice", "notice given", "notice on", "notice deadline", "cancel by"),
            "ends_on": _ENDS,
            "arr_cents": _ARR,
            "currency": _CURRENCY,
            "product_lines": ("products", "product lines", "product", "modules"),
            "auto_renew": ("auto renew", "auto renewal", "auto renews", "automatic renewal"),
        },
        "subscription_line": {
            "external_id": ("id", "number", "no", "key", "ref", "subscription id", "line id", "subscription number"),
            "account_ref": _ACCOUNT_REF,
            "product": ("product", "product name", "item", "module", "sku", "service"),
            "plan": ("plan", "plan name", "plan tier", "tier", "edition", "package", "level"),
            "seats": ("seats", "licenses", "licences", "quantity", "qty", "users", "units", "number of seats",
                      "seat count"),
            "amount_cents": ("amount", "price", "mrr", "monthly amount", "monthly recurring revenue", "monthly fee",
                             "fee",
                             "monthly price", "value", "revenue", "charge", "total", "net amount", "mrr amount",
                             "price per month", "monthly value", *_ARR),
            "currency": _CURRENCY,
            "interval_months": ("interval", "billing interval", "billing period", "billing cycle",
                                "billing frequency",
                                "frequency", "cycle", "billed", "billing", "term", "payment interval", "period"),
            "starts_on": _STARTS,
            "ends_on": _ENDS,
            "trial": ("trial", "is trial", "on trial", "free trial"),
            "pricing": ("pricing", "pricing model", "price model", "usage type"),
        },
        "churn_report": {
            "external_id": ("id", "churn id", "churn event id", "number"),
            "account_ref": _ACCOUNT_REF,
            "churned_on": ("churn date", "churned on", "churned", "date", "cancelled on", "left on", "lost on"),
            "reason": ("reason", "churn reason", "reason code", "cause"),
            "comment": ("comment", "feedback", "notes", "feedback text", "details"),
        },
        "fx_rate": {
            "base": ("base", "base currency", "from", "from currency"),
            "quote": ("quote", "quote currency", "to", "to currency", "target"),
            "on": ("date", "on", "day"),
            "rate": ("rate", "exchange rate", "value", "fx rate"),
        },
        "ticket": {
            "external_id": ("id", "number", "no", "key", "ref", "ticket", "ticket id", "ticket number", "case number",
                            "case id", "issue key", "reference"),
            "account_ref": _ACCOUNT_REF,
            "subject": ("subject", "title", "summary", "headline", "description", "topic", "question"),
            "status": ("status", "state", "ticket status"),
            "priority": ("priority", "severity", "urgency", "prio", "importance"),
            "channel": ("channel", "source", "via", "origin", "medium"),
            "workflow": ("workflow", "category", "type", "group", "team", "queue", "area", "department", "component"),
            "tags": _TAGS,
            "assignee": ("assignee", "agent", "assigned to", "owner", "handled by", "responsible"),
            "team": ("team", "group", "assigned group", "queue", "support team"),
            "escalated": ("escalated", "is escalated", "escalation", "escalation flag"),
            "created_at": ("created", "created at", "created on", "created date", "created time", "opened",
                           "opened at",
                           "opened on", "open date", "date opened", "submitted", "submitted at", "reported",
                           "reported at",
                           "received", "received at", "date created", "creation date", "date", "timestamp",
                           "raised on"),
            "first_replied_at": ("first reply", "first reply at", "first replied at", "first response",
                                 "first response at",
                                 "first responded", "initial response time", "answered at", "first answer",
                                 "first reply time"),
            "resolved_at": ("resolved", "resolved at", "resolved on", "solved", "solved at", "closed", "closed at",
                            "closed on", "date closed", "completed", "completed at", "finished", "resolution date",
                            "date resolved", "close date", "resolved time", "closed time", "done on"),
        },
        "message": {
            "external_id": ("id", "message id", "comment id", "number"),
            "ticket_ref": ("ticket id", "ticket", "case id", "case", "conversation id", "issue", "case number",
                           "ticket number"),
            "author_kind": ("author kind", "author type", "role", "sender type", "from type", "direction",
                            "author role"),
            "public": ("public", "is public", "visible"),
            "automatic": ("automatic", "is automatic", "auto reply", "automated", "is automated", "auto submitted"),
            "text": ("text", "body", "message", "comment", "content", "reply"),
            "sent_at": ("sent at", "sent", "created at", "date", "time", "timestamp", "posted at", "created"),
        },
        "ticket_event": {
            "external_id": ("id", "event id"),
            "ticket_ref": ("ticket id", "ticket", "case id", "case", "conversation id", "issue"),
            "kind": ("kind", "event", "event type", "field", "type", "changed field"),
            "from_value": ("from", "from value", "old", "old value", "previous value"),
            "to_value": ("to", "to value", "new", "new value"),
            "happened_at": ("happened at", "changed at", "at", "date", "time", "timestamp", "created at"),
        },
        "survey": {
            "external_id": ("id", "survey id", "response id", "number"),
            "account_ref": _ACCOUNT_REF,
            "ticket_ref": ("ticket id", "ticket", "case id", "case", "ticket number"),
            "kind": ("kind", "survey type", "type", "survey"),
            "score": ("score", "rating", "csat", "nps", "ces", "nps score", "csat score", "satisfaction", "answer",
                      "result"),
            "comment": ("comment", "feedback", "remark", "verbatim", "text"),
            "answered_at": ("answered at", "answered", "responded at", "date", "submitted at", "response date",
                            "created at"),
        },
        "usage_day": {
            "external_id": ("id", "usage id"),
            "account_ref": _ACCOUNT_REF,
            "subscription_ref": ("subscription id", "subscription", "license id"),
            "used_on": ("used on", "date", "day", "usage date", "activity date"),
            "feature": ("feature", "feature name", "module", "event"),
            "quantity": ("quantity", "count", "usage count", "logins", "uses", "events", "sessions", "active users"),
            "errors": ("errors", "error count", "failures"),
        },
        "touch": {
            "external_id": ("id", "touch id", "call id"),
            "account_ref": _ACCOUNT_REF,
            "kind": ("kind", "type", "touch type"),
            "happened_at": ("happened at", "date", "at", "time", "held on", "call date"),
            "actor": ("actor", "by", "agent", "csm", "owner"),
            "note": ("note", "notes", "comment", "outcome", "summary"),
        },
        "article": {
            "external_id": ("id", "article id", "key", "slug", "page id", "number"),
            "title": ("title", "article title", "headline", "name", "question"),
            "body": ("body", "content", "text", "article body", "answer", "html"),
            "url": ("url", "link", "html url", "permalink", "address"),
            "updated_at": ("updated at", "updated", "last updated", "edited at", "last edited", "modified at",
                           "last modified", "published at", "published", "created at", "date"),
        },
        "article_view": {
            "external_id": ("id", "view id", "event id"),
            "account_ref": _ACCOUNT_REF,
            "ticket_ref": ("ticket id", "ticket", "case id", "case", "ticket number"),
            "article_ref": ("article id", "article", "page id", "page", "slug", "kb article"),
            "visitor": ("visitor", "visitor id", "user id", "user", "session id", "session", "reader", "viewer",
                        "anonymous id", "cookie", "email"),
            "viewed_at": ("viewed at", "viewed", "visited at", "opened at", "seen at", "timestamp", "time", "date",
                          "created at"),
        },
    }
)  # fmt: skip
