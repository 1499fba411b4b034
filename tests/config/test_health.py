"""A mistake in health.yaml is told with its place and the nearest right word, all of them at once."""

from pathlib import Path

import pytest

from config import documents
from domain.errors import ConfigError
from rules.health import HealthDocument
from rules.signals.scorecard import PART_NAMES

SHIPPED = documents.DEFAULTS / "health.yaml"


def told(tmp_path: Path, text: str) -> str:
    path = tmp_path / "health.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as error:
        documents.read(path, HealthDocument)
    return str(error.value)


def part(signals: str = "{sentiment: {-60: 0, 40: 100}}", more: str = "") -> str:
    return f"parts:\n  mood:\n    weight: 20\n    signals: {signals}\n{more}"


def test_the_shipped_document_has_every_part_and_is_the_same_as_written() -> None:
    read = documents.read(SHIPPED, HealthDocument)
    assert [each.name for each in read.scorecard.parts] == list(PART_NAMES)
    assert read.scorecard.least_known == 0.5
    assert read.scorecard.parts[0].scales["sentiment"].points == ((-60, 0), (-35, 25), (0, 60), (40, 100))
    assert read.scorecard.parts[-1].weight_of("enterprise") > read.scorecard.parts[-1].weight_of("smb")


def test_an_empty_document_is_no_scorecard(tmp_path: Path) -> None:
    path = tmp_path / "health.yaml"
    path.write_text("", encoding="utf-8")
    assert documents.read(path, HealthDocument).scorecard.parts == ()


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("least_knwon: 0.5", "did you mean 'least_known'?"),
        ("parts:\n  moood:\n    weight: 1\n    signals: {}", "did you mean 'mood'?"),
        (part("{sentimant: {-60: 0, 40: 100}}"), "did you mean 'sentiment'?"),
        (part("{segment: {0: 0, 1: 100}}"), "segment is text"),
        (part("{churn_risk: {0: 0, 1: 100}}"), "made of health itself"),
        (part("{sentiment: {-60: 0}}"), "two or more points"),
        (part("{sentiment: {0: 0, -60: 100}}"), "by rising value"),
        (part("{sentiment: {low: 0, 40: 100}}"), "plain number"),
        (part("{sentiment: {-60: 0, 40: 101}}"), "from 0 (worst) to 100 (best)"),
        (part("{}"), "name at least one signal"),
        (part(more="    takes: averge\n"), "use one of mean, lowest"),
        (part().replace("weight: 20", "weight: -1"), "0 leaves the part out"),
        (part().replace("weight: 20", "weight: {enterprise: 20}"), "all other segments"),
        (part().replace("weight", "wait"), "did you mean 'weight'?"),
        ("risk:\n  horizon: 90", "did you mean 'horizon_days'?"),
    ],
)
def test_a_mistake_names_its_line_and_the_remedy(tmp_path: Path, text: str, remedy: str) -> None:
    message = told(tmp_path, text)
    assert remedy in message
    assert "health.yaml:" in message


def test_all_mistakes_of_a_scale_are_told_at_once(tmp_path: Path) -> None:
    message = told(tmp_path, part("{sentimant: {-60: 0, 40: 100}, csat_30d: {a: 0, 40: 200}}"))
    assert message.count("health.yaml:") == 3
