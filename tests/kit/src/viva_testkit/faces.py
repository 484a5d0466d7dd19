"""Faces that may be shown in a test: one photograph in the public domain, in as many views as wanted, and drawings.

The photograph is NASA's portrait of Eileen Collins (public domain), as the package scikit-image carries it; it is
fetched once and kept beside the models. Nobody else's face is in any test of Viva; the bench reads 100 small ones more,
the subset of *Labeled Faces in the Wild* that the same package carries. None is shipped.
"""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from viva_core.models.catalogue import Licence, Model, WheelSource
from viva_core.models.download import pull
from viva_core.models.settings import default_folder

Pixels = NDArray[np.uint8]
_FACE = (225.0, 110.0)  # the middle of the face in the photograph
_PHOTOGRAPH = Model(
    id="astronaut",
    engine="onnx",
    roles=("test",),
    ram_mib=0,
    file="astronaut.png",
    size=791555,
    sha256="88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    licence=Licence(id="LicenseRef-Public-Domain", url="https://www.nasa.gov/nasa-brand-center/images-and-media/"),
    sources=(WheelSource(kind="wheel", package="scikit-image", version="0.26.0", member="skimage/data/astronaut.png"),),
)
_CROWD = Model(
    id="lfw-subset",
    engine="onnx",
    roles=("test",),
    ram_mib=0,
    file="lfw_subset.npy",
    size=1000080,
    sha256="9560ec2f5edfac01973f63a8a99d00053fecd11e21877e18038fbe500f8e872c",
    licence=Licence(id="LicenseRef-LFW", url="https://scikit-image.org/docs/stable/api/skimage.data.html"),
    sources=(
        WheelSource(kind="wheel", package="scikit-image", version="0.26.0", member="skimage/data/lfw_subset.npy"),
    ),
)


@cache
def _photograph() -> Pixels:
    image = cv2.imread(str(pull(_PHOTOGRAPH, default_folder())))
    assert image is not None
    return image.astype(np.uint8, copy=False)


def portrait(
    *,
    scale: float = 1.0,
    right: float = 0.0,
    down: float = 0.0,
    turned: float = 0.0,
    light: float = 1.0,
    blur: float = 0.0,
    size: tuple[int, int] = (640, 480),
) -> Pixels:
    """The photograph as a camera might see it: `right` and `down` in pixels from the middle, `turned` in degrees."""
    width, height = size
    matrix = cv2.getRotationMatrix2D(_FACE, turned, scale)
    matrix[0, 2] += width / 2 - _FACE[0] + right
    matrix[1, 2] += height / 2 - _FACE[1] + down
    seen = cv2.warpAffine(_photograph(), matrix, size, borderMode=cv2.BORDER_REPLICATE)
    seen = cv2.convertScaleAbs(seen, alpha=light)
    if blur:
        seen = cv2.GaussianBlur(seen, (0, 0), blur)
    return seen.astype(np.uint8, copy=False)


def views(count: int, seed: int = 1) -> list[Pixels]:
    """So many views of the photograph: near and far, aside, turned, dark and light, a few out of focus."""
    chance = np.random.default_rng(seed)
    return [
        portrait(
            scale=chance.uniform(0.8, 2.2),
            right=chance.uniform(-120, 120),
            down=chance.uniform(-60, 60),
            turned=chance.uniform(-14, 14),
            light=chance.uniform(0.5, 1.3),
            blur=float(chance.choice([0, 0, 1.5])),
        )
        for _ in range(count)
    ]


def crowd() -> list[Pixels]:
    """The faces of 100 people, 25 × 25 pixels each: too small to be found in a frame, enough to be read."""
    pictures = np.load(pull(_CROWD, default_folder()))[:100]  # the second half shows no faces
    return [cv2.cvtColor((each * 255).astype(np.uint8), cv2.COLOR_GRAY2BGR).astype(np.uint8) for each in pictures]


def two_portraits() -> Pixels:
    """Two people beside each other; the left one nearer."""
    left = portrait(scale=1.3, size=(320, 480))
    right = portrait(scale=0.9, size=(320, 480))
    return np.hstack([left, right])


def empty_room(size: tuple[int, int] = (640, 480)) -> Pixels:
    """A wall with some light on it."""
    width, height = size
    row = np.linspace(90, 190, width, dtype=np.float32)
    return np.repeat(np.tile(row, (height, 1)).astype(np.uint8)[:, :, None], 3, axis=2)


def jpeg(image: Pixels, quality: int = 85) -> bytes:
    """As it travels."""
    ok, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert ok
    return data.tobytes()
