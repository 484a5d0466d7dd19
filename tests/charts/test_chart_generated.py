"""What the chart takes from elsewhere is what stands there now."""

from charts.generator.__main__ import CHARTS, stale
from charts.generator.documented import documented


def test_generated_files_are_up_to_date() -> None:
    assert [str(path) for path in stale()] == [], "run `python -m charts.generator`"


def test_every_value_says_what_it_is_for() -> None:
    values = documented(CHARTS / "viva" / "values.yaml")
    assert [".".join(each.path) for each in values if each.leaf and not each.description] == []
