"""The three extractors behind one protocol: GCN only, LLM only, and both."""

from hybrid.pipeline.base import Extractor, Failure, Labelling, Mode
from hybrid.pipeline.defaults import default_checkpoint
from hybrid.pipeline.gcn import GcnExtractor
from hybrid.pipeline.hybrid import HybridExtractor
from hybrid.pipeline.llm import Example, ExampleValue, LlmExtractor, LlmOptions

__all__ = [
    "Example",
    "ExampleValue",
    "Extractor",
    "Failure",
    "GcnExtractor",
    "HybridExtractor",
    "Labelling",
    "LlmExtractor",
    "LlmOptions",
    "Mode",
    "default_checkpoint",
]
