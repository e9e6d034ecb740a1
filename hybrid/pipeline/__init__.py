"""The three extractors behind one protocol: GCN only, LLM only, and both."""

from hybrid.pipeline.base import Extractor, Failure, Mode
from hybrid.pipeline.gcn import GcnExtractor
from hybrid.pipeline.hybrid import HybridExtractor
from hybrid.pipeline.llm import LlmExtractor

__all__ = ["Extractor", "Failure", "GcnExtractor", "HybridExtractor", "LlmExtractor", "Mode"]
