"""From a system's specification to something that extracts and labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, cast

from hybrid.errors import DatasetError, ModelError, ServerError
from hybrid.llm.profile import AdapterSource
from hybrid.llm.profiles import is_address, load_profile
from hybrid.pipeline.base import Extractor, Mode
from hybrid.verify.strategies import AUTO

from ..datasets.base import Sample
from ..systems.baselines import EmptyExtractor, MajorityExtractor
from ..systems.rules import RegexExtractor
from ..systems.spec import SystemSpec
from .examples import examples_from
from .rows import Asked

if TYPE_CHECKING:
    from hybrid.gcn.predict import GcnPredictor
    from hybrid.llm.backend import ChatBackend
    from hybrid.llm.cached import CachedBackend
    from hybrid.llm.connect import LlmEngine
    from hybrid.llm.server_metrics import PrefixCache
    from hybrid.pipeline.connection import LlmConnection


class SystemFactory:
    """Builds systems and shares what is expensive: checkpoints, and one connection a model.

    Args:
        llm: Profile, folder or address, for systems that do not name their own.
        replies: Folder in which replies are recorded and looked up.
        replay: Answer from recorded replies only; no server is ever asked.
        on_status: Told what is waited for.
        engine: Where LLMs run.
        reasoning: LLMs with a switch think.
    """

    def __init__(
        self,
        llm: str,
        replies: Path,
        replay: bool,
        on_status: Callable[[str], None],
        engine: LlmEngine = "http",
        reasoning: bool = False,
    ) -> None:
        self.llm = llm
        self._engine: LlmEngine = engine
        self._reasoning = reasoning
        self._replies = replies
        self._replay = replay
        self._on_status = on_status
        self._predictors: dict[str, GcnPredictor] = {}
        self._connections: dict[str, LlmConnection] = {}
        self._caches: list[CachedBackend] = []
        self._stack = ExitStack()

    def build(
        self,
        spec: SystemSpec,
        checkpoint: str,
        asked: Asked | None,
        training: Callable[[], Sequence[Sample]],
    ) -> Extractor:
        """One system for one dataset and kind of work.

        Args:
            spec: Which.
            checkpoint: For systems that use one and do not name their own.
            asked: The fields, for `extract`; None for `label`.
            training: Gives the training documents, for systems that need them.

        Raises:
            HybridError: If a checkpoint, a model or the training documents are missing.
        """
        if spec.kind == "empty":
            return EmptyExtractor()
        if spec.kind == "regex":
            return RegexExtractor()
        if spec.kind == "majority":
            leaves = asked.schema.leaves if asked else ()
            compared = {x.path: asked.compared_label(x) for x in leaves} if asked else {}
            return MajorityExtractor.fitted(_learned_from(spec, training), compared)
        from hybrid.pipeline.connection import LlmConnection

        checkpoint = spec.options.get("checkpoint", checkpoint)
        mode = _mode(spec)
        if spec.kind == "gcn":
            from hybrid.pipeline import GcnExtractor

            return GcnExtractor(self._predictor(checkpoint), checkpoint)
        name = spec.options.get("profile", self.llm)
        connection = self._connection(name) if spec.uses_llm else LlmConnection("none")
        if spec.kind == "hybrid":
            from hybrid.pipeline import HybridExtractor

            risk, budget = spec.options.get("max_risk"), spec.options.get("budget")
            return HybridExtractor(
                self._predictor(checkpoint),
                checkpoint,
                connection,
                mode,
                spec.options.get("fusion"),
                float(risk) if risk is not None else None,
                spec.strategy if spec.names_strategy else AUTO,
                int(budget) if budget is not None else None,
            )
        return self._llm(spec, connection, asked, training)

    def check_samples(self, specs: Sequence[SystemSpec]) -> None:
        """Checks before any work that systems with several answers have an LLM that gives them.

        Raises:
            ModelError: If one has not.
        """
        from hybrid.pipeline.fusing import check_samples

        for spec in specs:
            if int(spec.options.get("samples", "1")) > 1:
                name = spec.options.get("profile", self.llm)
                check_samples(spec.strategy, self._connection(name))

    def check(self, spec: SystemSpec, problems: Sequence[str]) -> None:
        """Ends a run whose LLM has gone, before results without it are taken for its own.

        Args:
            spec: That has just done a document.
            problems: That it had with it.

        Raises:
            ServerError: If the server is down, or a reply that is asked for was not recorded.
        """
        if not spec.uses_llm:
            return
        name = spec.options.get("profile", self.llm)
        connection = self._connections[name]
        if not self._replay and not connection.available:
            reason = f" ({problems[-1]})" if problems else ""
            raise ServerError(
                f"the LLM {name!r} cannot be reached{reason}; what was done is kept, "
                "run the same command again to go on"
            )
        missed = [c for c in self._caches if c.not_recorded]
        if self._replay and missed:
            raise ServerError(
                f"{missed[0].path} lacks {missed[0].not_recorded} of the replies that are asked "
                "for; run once without --replay"
            )

    def prefix_caches(self) -> dict[str, PrefixCache]:
        """By LLM, what its prefix cache was asked and had; of those that were asked and tell."""
        counted = {name: c.prefix_cache() for name, c in self._connections.items()}
        return {name: seen for name, seen in counted.items() if seen is not None}

    def close(self) -> None:
        """Stops the servers that were started."""
        self._stack.close()

    def _predictor(self, checkpoint: str) -> GcnPredictor:
        from hybrid.pipeline.gcn import load_predictor

        if checkpoint not in self._predictors:
            self._predictors[checkpoint] = load_predictor(checkpoint)
        return self._predictors[checkpoint]

    def _connection(self, spec: str) -> LlmConnection:
        from hybrid.llm.cached import CachedBackend
        from hybrid.llm.connect import check
        from hybrid.pipeline.connection import LlmConnection

        if spec not in self._connections:
            if not self._replay:
                check(spec, self._engine)
            path = replies_file(self._replies, spec)

            def wrap(backend: ChatBackend) -> ChatBackend:
                cache = CachedBackend(None if self._replay else backend, path, backend.model)
                self._caches.append(cache)
                return cache

            connection = LlmConnection(
                spec,
                on_status=self._on_status,
                wrap=wrap,
                reasoning=self._reasoning,
                engine=self._engine,
            )
            self._stack.callback(connection.close)
            self._connections[spec] = connection
        return self._connections[spec]

    def _llm(
        self,
        spec: SystemSpec,
        connection: LlmConnection,
        asked: Asked | None,
        training: Callable[[], Sequence[Sample]],
    ) -> Extractor:
        from hybrid.pipeline import LlmExtractor
        from hybrid.verify.variants import Coordinates, LlmOptions, PromptVersion

        shots = int(spec.options.get("shots", "0"))
        examples = []
        if shots and asked:
            examples = examples_from(_learned_from(spec, training), asked, shots)
        default = LlmOptions()
        options = LlmOptions(  # which checks the two words itself
            cast(PromptVersion, spec.options.get("prompt", default.prompt)),
            cast(Coordinates, spec.options.get("coordinates", default.coordinates)),
            search=spec.options.get("search", "true") == "true",
        )
        return LlmExtractor(connection, _mode(spec), options, examples)


def _learned_from(spec: SystemSpec, training: Callable[[], Sequence[Sample]]) -> Sequence[Sample]:
    try:
        return training()
    except DatasetError as error:
        raise DatasetError(
            f"system {spec.text!r} learns from training documents: {error}"
        ) from None


def _mode(spec: SystemSpec) -> Mode:
    return "lenient" if spec.options.get("mode") == "lenient" else "strict"


def replies_file(folder: Path, llm: str) -> Path:
    """Where the replies of an LLM are recorded.

    A model that was tuned again under the same name has a file of its own: its replies are others.
    """
    tuned = "" if is_address(llm) or not (source := _adapter(llm)) else f"-{source.sha256[:12]}"
    return folder / f"{slug(llm)}{tuned}.jsonl"


def _adapter(llm: str) -> AdapterSource | None:
    try:
        source = load_profile(llm).source
    except ModelError:  # no model that is known here; `connect` says so if it is needed
        return None
    return source if isinstance(source, AdapterSource) else None


def slug(spec: str) -> str:
    """A file name for a model, path or address."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", spec).strip("-")[-80:] or "llm"
