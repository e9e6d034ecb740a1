"""What a scanner, a camera or a thermal printer does to a clean picture. Grey pictures in and out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter


def tilt(image: Image.Image, degrees: float, background: int = 255) -> Image.Image:
    """Turns the page counter-clockwise by a few degrees; the corners get `background`."""
    return image.rotate(
        degrees, resample=Image.Resampling.BICUBIC, expand=True, fillcolor=background
    )


def speckle(image: Image.Image, seed: int, strength: float) -> Image.Image:
    """Adds grain: normal noise of a standard deviation of `strength` grey levels."""
    generator = np.random.default_rng(seed)
    pixels = np.asarray(image, dtype=np.float32)
    return _image(pixels + generator.normal(0.0, strength, pixels.shape))


def blur(image: Image.Image, radius: float) -> Image.Image:
    """Softens by a Gaussian of `radius` pixels."""
    return image.filter(ImageFilter.GaussianBlur(radius))


def shade(image: Image.Image, darkest: int) -> Image.Image:
    """Paper lit from the top left: white becomes `darkest` towards the bottom-right corner."""
    pixels = np.asarray(image, dtype=np.float32)
    rows = np.linspace(0.0, 1.0, pixels.shape[0])[:, None]
    columns = np.linspace(0.0, 1.0, pixels.shape[1])[None, :]
    return _image(pixels * (1.0 - (1.0 - darkest / 255.0) * (0.6 * rows + 0.4 * columns)))


def thermal(image: Image.Image, seed: int) -> Image.Image:
    """A thermal print: ink that is grey, fades in vertical bands and breaks up in single dots."""
    generator = np.random.default_rng(seed)
    ink = 255.0 - np.asarray(image, dtype=np.float32)
    height, width = ink.shape
    knots = generator.uniform(0.62, 0.9, 9)
    bands = np.interp(np.linspace(0, 8, width), np.arange(9), knots)[None, :]
    dots = np.where(generator.random((height, width)) < 0.06, 0.55, 1.0)
    return _image(252.0 - ink * bands * dots)


def _image(pixels: NDArray[np.floating]) -> Image.Image:
    return Image.fromarray(np.clip(np.rint(pixels), 0, 255).astype(np.uint8))
