"""What a replay with another model opens."""

from pathlib import Path

from viva_evaluator.bootstrap import other_model
from viva_evaluator.settings import Settings


def test_another_model_is_not_hidden_by_the_file_or_name_of_the_one_in_service() -> None:
    settings = Settings(model_id="small", model_file=Path("small.gguf"), model_served_name="served", model_threads=2)
    other = other_model(settings, "bigger")
    assert (other.model_id, other.model_file, other.model_served_name) == ("bigger", None, None)
    assert other.model_threads == 2
    assert settings.model_id == "small"
