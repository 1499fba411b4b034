"""The picture of a sweep: a point for each value, and the one of today is marked."""

from xml.etree import ElementTree

from console.sweep_chart import sweep_chart


def test_every_value_has_its_point_and_the_present_one_is_marked() -> None:
    picture = sweep_chart("A <b> & c", "USD", [("3", 4.0, 9_000.0, False), ("5", 2.0, 6_000.0, True)])
    root = ElementTree.fromstring(picture)  # noqa: S314 - our own picture
    circles = [each for each in root.iter() if each.tag.endswith("circle")]
    assert len(circles) == 2
    assert "5 (now)" in picture
    assert "9 k" in picture
    assert "A &lt;b&gt; &amp; c" in picture


def test_nothing_caught_is_drawn_all_the_same() -> None:
    ElementTree.fromstring(sweep_chart("t", "USD", [("3", 0.0, 0.0, True)]))  # noqa: S314 - our own picture
