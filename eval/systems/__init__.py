"""What is compared: the three extractors, their variants, and baselines that need no training."""

from .spec import SYSTEMS, SystemSpec

__all__ = ["SYSTEMS", "SystemSpec"]
