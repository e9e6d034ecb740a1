"""What every verification strategy takes and gives: questions on a document become votes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from hybrid.document import Document
from hybrid.extraction import LlmUsage
from hybrid.schema import FieldSchema
from hybrid.verify.ask import Question, Vote
from hybrid.verify.fuse import Fusion
from hybrid.verify.resolve import Proposal
from hybrid.verify.strategies.sampling import Sample

if TYPE_CHECKING:
    from hybrid.llm.backend import ChatBackend

OpenLlm = Callable[[], "tuple[ChatBackend, int]"]
"""Opens the LLM: a backend, and its tokens for prompt and answer. Raises `ServerError`."""


@dataclass(frozen=True)
class Case:
    """What is to be verified of one document.

    Attributes:
        document: That the questions are about.
        schema: Of its fields.
        proposal: The GCN's.
        questions: On the doubtful fields.
    """

    document: Document
    schema: FieldSchema
    proposal: Proposal
    questions: Sequence[Question]


@dataclass(frozen=True)
class Voting:
    """What came of a case.

    Attributes:
        votes: One for each question, in order; None where the strategy has nothing to say, so that
            the field is decided as the GCN alone decides it.
        usage: Tokens spent.
        samples: For each question the answers that were drawn; empty where none are.
    """

    votes: Sequence[Vote | None]
    usage: LlmUsage
    samples: Sequence[Sequence[Sample]] = ()


class Strategy(Protocol):
    """A way to verify. Whatever it does, its votes go through the same fusion and grounding."""

    @property
    def name(self) -> str:
        """As it is chosen; with its settings where they are not the usual ones."""

    @property
    def prompts(self) -> tuple[str, ...]:
        """Names of the templates that it asks with; none where it asks no LLM."""

    @property
    def rounds(self) -> int:
        """How often it sends a question's requests, each round with the replies of the one before."""

    @property
    def fusion(self) -> Fusion | None:
        """How its votes count where no LLM votes; None for as much as the LLM is trusted."""

    def votes(self, case: Case, open_llm: OpenLlm) -> Voting:
        """Votes on all questions of a case.

        Args:
            case: With at least one question.
            open_llm: Called only by strategies that ask an LLM.

        Raises:
            ServerError: If the LLM cannot be had.
        """
