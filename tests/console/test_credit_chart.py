"""The picture of credit: every model has its dot, and what is not known has none."""

from decimal import Decimal
from xml.etree import ElementTree

from console.credit_chart import spread_chart

MODELS = ("first", "last", "linear")


def drawn(**kinds: dict[str, int]) -> str:
    amounts = {kind: {model: Decimal(cents) for model, cents in each.items()} for kind, each in kinds.items()}
    return spread_chart("Kept <by> kind", "USD", MODELS, amounts)


def test_every_kind_has_a_dot_for_each_model_and_its_spread_in_words() -> None:
    picture = drawn(
        call={"first": 0, "last": 9_000, "linear": 3_000}, ticket={"first": 9_000, "last": 0, "linear": 6_000}
    )
    root = ElementTree.fromstring(picture)  # noqa: S314 - our own picture
    circles = [each for each in root if each.tag.endswith("circle")]
    assert len(circles) == len(MODELS) * 3
    assert "0 k to 9 k" in picture
    assert "Kept &lt;by&gt; kind" in picture


def test_one_model_alone_and_amounts_of_nothing_can_be_drawn() -> None:
    assert drawn(call={"first": 0}).count("<circle") == len(MODELS) + 1
    assert drawn().count("<circle") == len(MODELS)
