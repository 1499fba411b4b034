"""Keeps the episodes at risk: each is written down once, at its flag, and never changed."""

from collections.abc import Sequence
from types import UnionType
from typing import Any, get_args

import narwhals as nw
import polars as pl
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.dialects import postgresql, sqlite

from domain.effects import Covariates, Episode
from storage import tables
from storage.account_refs import account_refs, ids_by_ref
from storage.frames import Frame, read_frame

_EPISODES = tables.episodes
_KINDS: dict[type, pl.DataType] = {str: pl.String(), int: pl.Int64(), float: pl.Float64()}


class EpisodeBook:
    """The episodes of one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def episodes(self) -> list[Episode]:
        """All episodes, the oldest flag first."""
        query = select(_EPISODES).order_by(_EPISODES.c.flagged_at, _EPISODES.c.episode_id)
        with self._engine.connect() as connection:
            rows = connection.execute(query).mappings().all()
        return [Episode.model_validate({name: row[name] for name in Episode.model_fields}) for row in rows]

    def frame(self) -> Frame:
        """A row per episode: the columns of `domain.Episode`, a column per covariate, and `account_id`.

        `account_id` and `account_ref` are of the account that it is today; `playbooks` stays JSON text. A covariate
        that an older release did not know is null.
        """
        refs = account_refs()
        ours = {"account_id": refs.c.is_id.label("account_id"), "account_ref": refs.c.ref.label("account_ref")}
        columns = [ours.get(each.name, each) for each in _EPISODES.columns]
        rows = read_frame(self._engine, select(*columns).join(refs, refs.c.account_id == _EPISODES.c.account_id))
        told = rows.to_native().with_columns(pl.col("covariates").str.json_decode(_schema())).unnest("covariates")
        return nw.from_native(told)


def append_episodes(connection: Connection, episodes: Sequence[Episode]) -> int:
    """Keep new episodes; one that is known stays as it is. Returns how many were new."""
    if not episodes:
        return 0
    ids = ids_by_ref(connection)
    rows = [{**each.model_dump(), "account_id": ids[each.account_ref]} for each in episodes]
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    before = connection.scalar(select(func.count()).select_from(_EPISODES)) or 0
    connection.execute(dialect.insert(_EPISODES).on_conflict_do_nothing(), rows)
    return (connection.scalar(select(func.count()).select_from(_EPISODES)) or 0) - before


def _schema() -> pl.Struct:
    return pl.Struct({name: _kind(field.annotation) for name, field in Covariates.model_fields.items()})


def _kind(annotation: Any) -> pl.DataType:
    of = get_args(annotation) if isinstance(annotation, UnionType) else (annotation,)
    return next(_KINDS[each] for each in of if each in _KINDS)
