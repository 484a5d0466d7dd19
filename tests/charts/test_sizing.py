"""The sizing table is computed from what is published elsewhere, and says so when a figure is gone."""

import shutil
from pathlib import Path

import pytest

from charts.generator.sizing import DOCUMENT, production, published, sizes
from tests.charts.rendering import CHART

ROOT = CHART.parents[1]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The files that figures are read from, to be changed."""
    for name in ("README.md", DOCUMENT, "charts/viva/values.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_more_interviews_need_no_less() -> None:
    spoken = [size for size in sizes(ROOT) if size.spoken]
    assert [size.interviews for size in spoken] == sorted(size.interviews for size in spoken)
    for name in ("workers", "media", "gateways", "cores", "memory"):
        needed = [getattr(size, name) for size in spoken]
        assert needed == sorted(needed), name


def test_a_row_is_the_sum_of_its_parts() -> None:
    first = next(sizes(ROOT))
    known = published(ROOT)
    # two of session and gateway at 0.1 core, three of NATS, one of PostgreSQL and coturn; media asks for 0.25 a pod
    assert first.cores == pytest.approx(2 * 0.1 + 2 * 0.1 + 3 * 0.1 + 0.1 + 0.1 + first.media + 2 * known.model_cores)
    assert first.media == pytest.approx(max(0.25, 4 * known.call))


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("README.md", "| 8+ | 16 GB a model |", "| 12+ | 16 GB a model |"),
        ("charts/viva/values.yaml", "A call is about 0.03 of a core", "A call is about 0.3 of a core"),
    ],
)
def test_a_figure_that_is_published_anew_changes_the_table(copy: Path, file: str, old: str, new: str) -> None:
    before = production(copy)
    assert before == (ROOT / DOCUMENT).read_text()
    change(copy / file, old, new)
    assert production(copy) != before


def test_a_figure_that_is_published_no_more_is_named(copy: Path) -> None:
    change(copy / "charts/viva/values.yaml", "A call is about 0.03 of a core", "A call is cheap")
    with pytest.raises(ValueError, match="is not published any more"):
        production(copy)


def test_a_document_without_a_place_for_the_table_is_refused(copy: Path) -> None:
    change(copy / DOCUMENT, "<!-- end of sizing -->", "")
    with pytest.raises(ValueError, match="has lost the comments"):
        production(copy)
