"""DeepFace's real path, where it is installed; in a process of its own, for what TensorFlow does to one."""

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from viva_core.errors import NotFound
from viva_core.models.catalogue import catalogue
from viva_vision.bootstrap import open_looker
from viva_vision.settings import Settings

ACTED = """
import json, sys
from pathlib import Path
from viva_testkit import faces
from viva_testkit.deepface import random_weights
from viva_vision.bootstrap import open_looker
from viva_vision.settings import Settings

folder = Path(sys.argv[1])
random_weights(folder)
told = {}
for detector in ("haar", "opencv"):
    settings = Settings(vision_engine="deepface", vision_detector=detector, model_folder=folder)
    looker = open_looker(settings, 4)
    seen = looker.read(faces.jpeg(faces.portrait(scale=1.4)))
    told[detector] = [len(seen.faces), list(seen.reading.probabilities), looker.info.engine]
    told[detector + " nobody"] = len(looker.read(faces.jpeg(faces.empty_room())).faces)
print(json.dumps(told))
"""


@pytest.mark.slow
@pytest.mark.skipif(find_spec("deepface") is None, reason="viva-vision's extra `deepface` is not installed")
def test_it_finds_and_reads_a_face(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ACTED, str(tmp_path)], capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    told = json.loads(done.stdout.splitlines()[-1])
    for detector in ("haar", "opencv"):
        count, probabilities, engine = told[detector]
        assert (count, engine) == (1, "deepface")
        assert sum(probabilities) == pytest.approx(1)
        assert told[f"{detector} nobody"] == 0


def test_without_its_weights_it_does_not_start_and_fetches_nothing_by_itself(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="viva models pull deepface-emotion"):
        open_looker(Settings(vision_engine="deepface", model_folder=tmp_path), 1)
    assert catalogue().get("deepface-emotion").sources
    assert not list(tmp_path.iterdir())
