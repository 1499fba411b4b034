"""Makes up a helpdesk's tickets: two years of them, accounts of very different size, subjects that come back."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import gcd

import polars as pl

from benchmarks.dice import below, one_of, share

AS_OF = datetime(2026, 1, 1, 9, 30, tzinfo=UTC)
SPAN = timedelta(days=730)
TICKETS_PER_ACCOUNT = 50
BATCH = 500_000

_AREAS = """login,single sign-on,invoice,payment,export,import,dashboard,report,alert,webhook,api key,rate limit,
backup,restore,search,filter,upload,download,calendar,e-mail,template,workflow,permission,audit log,mobile app,sync,
billing page,data retention,custom field,integration""".replace("\n", "").split(",")
_TROUBLES = """does not load,is slow,shows wrong numbers,fails with an error,is missing,cannot be saved,times out,
asks again and again,is empty,stopped working,needs a change,question""".replace("\n", "").split(",")
SUBJECTS = [f"{area[0].upper()}{area[1:]} {trouble}" for area in _AREAS for trouble in _TROUBLES]
_MARKS = ["", "", "", "", "", "", "", "Re: ", "RE:  ", "Fwd: Re: "]
_NUMBERS = ["", "", "", "", "", "", " #4711", " 2025", " (12)", "  no 7"]
_TAGS = ["bug", "how-to", "outage", "sso", "billing", "api", "vip", "urgent", "data export", "mobile", "sla", "email"]
TAGS = ["[]", *(f'["{tag}"]' for tag in _TAGS), *(f'["{one}","{two}"]' for one in _TAGS for two in _TAGS if one < two)]


def account_count(tickets: int) -> int:
    """How many accounts write that many tickets."""
    return max(tickets // TICKETS_PER_ACCOUNT, 10)


def accounts(tickets: int) -> pl.DataFrame:
    """id, source, external_id, name, domains, signed_up_on: a third signed up within the two years."""
    number = pl.int_range(account_count(tickets), dtype=pl.UInt64)
    age = (share(number, 11) * 3 * SPAN.days).cast(pl.Int64)
    return pl.select(
        id=number.cast(pl.Int64) + 1,
        source=pl.lit("crm"),
        external_id=_ref(number),
        name=pl.format("Account {}", number),
        domains=pl.lit("[]"),
        signed_up_on=(pl.lit(AS_OF) - pl.duration(days=age)).dt.date(),
    )


def tickets(count: int) -> Iterator[pl.DataFrame]:
    """Batches of tickets, oldest first, in the columns of the table but `id`; `account_id` is that of `accounts`.

    The cube of a die picks the account: the largest hundredth writes a fifth of all tickets. Every thirtieth ticket
    belongs to nobody, and every seventh account falls silent three months before the end.
    """
    for start in range(0, count, BATCH):
        yield _batch(start, min(start + BATCH, count), count)


def _batch(start: int, end: int, count: int) -> pl.DataFrame:
    number = pl.int_range(start, end, dtype=pl.UInt64)
    step = SPAN // timedelta(microseconds=1) // count
    since = pl.col("number").cast(pl.Int64) * step + below(step, pl.col("number"), 1)
    made = pl.select(number=number).with_columns(
        created_at=AS_OF - SPAN + pl.duration(microseconds=since), account=_account(account_count(count))
    )
    made = made.with_columns(account=_without_the_silent(account_count(count)))
    return made.select(**_columns())


def _account(accounts: int) -> pl.Expr:
    rank = (share(pl.col("number"), 2).pow(3) * accounts).cast(pl.Int64)
    stride = next(prime for prime in (7919, 7907, 7901) if gcd(prime, accounts) == 1)
    return rank * stride % accounts


def _without_the_silent(accounts: int) -> pl.Expr:
    late = pl.col("created_at") > AS_OF - timedelta(days=91)
    return pl.when(late & (pl.col("account") % 7 == 0)).then((pl.col("account") + 1) % accounts).otherwise("account")


def _columns() -> dict[str, pl.Expr]:
    number, created_at = pl.col("number"), pl.col("created_at")
    belongs = below(30, number, 3) != 0
    replied_at = created_at + pl.duration(minutes=below(2_000, number, 4) + 1)
    resolved_at = replied_at + pl.duration(minutes=below(20_000, number, 5) + 1)
    return {
        "source": pl.lit("helpdesk"),
        "external_id": pl.format("T{}", (number + 100_000_000).cast(pl.String)),
        "account_ref": pl.when(belongs).then(_ref(pl.col("account").cast(pl.UInt64))),
        "subject": pl.concat_str(one_of(_MARKS, number, 6), one_of(SUBJECTS, number, 7), one_of(_NUMBERS, number, 8)),
        "status": one_of(["new", "open", "pending", "on_hold", "solved", "closed"], number, 9),
        "priority": one_of(["low", "normal", "high", "urgent"], number, 10),
        "channel": one_of(["email", "chat", "phone", "web"], number, 11),
        "workflow": pl.lit(None, pl.String),
        "tags": one_of(TAGS, number, 12),
        "assignee": pl.format("agent {}", below(200, number, 13)),
        "escalated": below(25, number, 14) == 0,
        "created_at": created_at,
        "first_replied_at": pl.when(replied_at < AS_OF).then(replied_at),
        "resolved_at": pl.when(resolved_at < AS_OF).then(resolved_at),
        "account_id": pl.when(belongs).then(pl.col("account") + 1),
    }


def _ref(number: pl.Expr) -> pl.Expr:
    return pl.format("A-{}", (number + 1_000_000).cast(pl.String))
