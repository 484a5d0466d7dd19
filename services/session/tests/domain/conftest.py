"""What the tests of the rules share."""

import pytest
from viva_testkit.spoken import Spoken, speaking


@pytest.fixture
def spoken() -> Spoken:
    """A question was put, and the candidate speaks."""
    return speaking()
