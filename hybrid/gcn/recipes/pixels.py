"""What a box looks like: its picture, made small, as node features, and a network that reads them.

A stand-in for the image encoders of the publications (U-Net, CSP-Darknet), which see the whole page
and come with weights from elsewhere.
"""

from __future__ import annotations

import io

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from hybrid.document import BoundingBox, Document, Page

_HEIGHT, _WIDTH = 8, 24
_ASPECT_TOLERANCE = 0.05

PIXEL_FEATURES = ("has_picture", *(f"pixel_{k}" for k in range(_HEIGHT * _WIDTH)))
"""1 where the page has a picture, else 0; then the box's ink, 0 (white) to 1 (black), row by row,
8 by 24; all 0 without a picture."""


def pixel_features(document: Document) -> Tensor:
    """`[n, len(PIXEL_FEATURES)]` of the document's segments, float32.

    A picture that cannot be read, or whose proportions are not the page's (a page that was cut in
    two for training), counts as none.
    """
    rows = torch.zeros(len(document.segments), len(PIXEL_FEATURES))
    number = 0
    for page in document.pages:
        picture = _picture(page)
        for segment in page.segments:
            if picture is not None:
                rows[number, 0] = 1.0
                rows[number, 1:] = torch.from_numpy(_ink(picture, page, segment.box))
            number += 1
    return rows


def _picture(page: Page) -> Image.Image | None:
    if page.image is None:
        return None
    try:
        with Image.open(io.BytesIO(page.image.data)) as image:
            grey = image.convert("L")
    except OSError:
        return None
    stretch = (grey.width / grey.height) / (page.width / page.height)
    return grey if abs(stretch - 1) <= _ASPECT_TOLERANCE else None


def _ink(
    picture: Image.Image, page: Page, box: BoundingBox
) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """The box, at least one pixel of it and nothing beyond the picture, made small: `[8 * 24]`."""
    across, down = picture.width / page.width, picture.height / page.height
    left = min(max(box.left * across, 0.0), picture.width - 1.0)
    top = min(max(box.top * down, 0.0), picture.height - 1.0)
    right = min(max(box.right * across, left + 1.0), float(picture.width))
    bottom = min(max(box.bottom * down, top + 1.0), float(picture.height))
    small = picture.resize(
        (_WIDTH, _HEIGHT), Image.Resampling.BILINEAR, box=(left, top, right, bottom)
    )
    return 1.0 - np.asarray(small, dtype=np.float32).ravel() / 255.0


class PixelEncoder(nn.Module):
    """Two convolutions over a box's ink; the vector is 0 where there is no picture."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, 8, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(8, 16, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(16 * (_HEIGHT // 4) * (_WIDTH // 4), width),
        )

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Node features, `PIXEL_FEATURES` the last, to vectors `[n, width]` and `[n, 1]` 0 or 1."""
        own = features[:, -len(PIXEL_FEATURES) :]
        there = own[:, :1]
        return self.layers(own[:, 1:].reshape(-1, 1, _HEIGHT, _WIDTH)) * there, there
