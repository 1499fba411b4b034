"""Knows what is set about foretelling satisfaction: what is too little, and how far back is looked."""

from pydantic import Field

from domain.records import Record


class SatisfactionSettings(Record):
    """The document `satisfaction.yaml`."""

    min_answers: int = Field(default=200, ge=50, description="Fewer answered surveys with a ticket teach nothing.")
    min_dissatisfied: int = Field(
        default=30, ge=10, description="Fewer answers of the rarer sort, mostly dissatisfied ones, teach nothing."
    )
    learn_days: int = Field(default=730, ge=90, le=3650, description="Older answers are not learned from.")
    max_answers: int = Field(default=20_000, ge=200, description="Of more answers the newest are learned from.")
    long_open_days: int = Field(
        default=14, ge=1, le=365, description="A ticket that has been open for so long is foretold as it stands."
    )
    predict_days: int = Field(
        default=90, ge=1, le=365, description="Tickets solved in the last days are foretold; older ones are not."
    )
