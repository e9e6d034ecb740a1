"""Collect: out-of-fold proposals, and an LLM's real answers to the questions that they leave."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from hybrid.errors import DatasetError, ServerError
from hybrid.pipeline.connection import LlmConnection
from hybrid.schema import FieldSchema
from hybrid.verify.ask import Vote
from hybrid.verify.candidates import Candidate, NodeProbabilities
from hybrid.verify.decide import likeliest
from hybrid.verify.extract import read_page
from hybrid.verify.fuse import READER_TRUST, prior, score
from hybrid.verify.propose import label_columns
from hybrid.verify.resolve import Proposal
from hybrid.verify.strategies import Case, Strategy
from hybrid.verify.strategies.sampling import Sample as Answer
from hybrid.verify.structure import structure

from ..datasets.registry import find_dataset
from ..hallucination.remove_field import without_fields
from ..out_of_fold import Folds
from ..own_documents import OWN, read_to_learn
from ..run.rows import Asked, asked_of_all
from ..tasks import load_tasks
from .evidence import Evidence

SURE = 0.96
"""Fields of which the GCN is surer are not asked about: no fusion that is tried would ask."""
_WORKERS = 8


@dataclass(frozen=True)
class Source:
    """A dataset to calibrate on.

    Attributes:
        name: Key of `DATASETS`.
        root: Folder of its release; None for one that is drawn.
        tuned_on: The LLM was tuned on so many of its `fit` documents, the first by their ids. On
            these its votes would look better than they are, so they are left out.
        schema: Of the dataset `own`.
    """

    name: str
    root: Path | None
    tuned_on: int = 0
    schema: FieldSchema | None = None

    def asked(self) -> Asked:
        """Its fields.

        Raises:
            DatasetError: If it has none that every document is asked for.
        """
        asked = asked_of_all(self.name, self.schema)
        if asked is None:
            fixed = [name for name in load_tasks()["field"].datasets if asked_of_all(name)]
            raise DatasetError(
                f"dataset {self.name} has no fixed fields that a fusion could be fitted on; "
                f"{', '.join(fixed)} have, and {OWN} with --schema"
            )
        return asked


def asked_about(sources: Sequence[Source]) -> list[Source]:
    """The datasets whose documents the LLM is asked about: drawn ones only where there are no others."""
    real = [s for s in sources if find_dataset(s.name).needs_root]
    return real or list(sources)


def proposals(
    sources: Sequence[Source], predictions: Mapping[str, NodeProbabilities], limit: int | None
) -> list[Evidence]:
    """The `fit` documents with the proposals of networks that have not seen them.

    Args:
        sources: Datasets.
        predictions: Out of fold, by document id.
        limit: At most so many of each dataset, the first by a hash of their ids.

    Raises:
        DatasetError: If a dataset is missing or broken, or was read in another way for the networks.
    """
    found: list[Evidence] = []
    for source in sources:
        asked = source.asked()
        reading = load_tasks()["field"].datasets[source.name].nodes or source.name
        read = read_to_learn(reading, source.root, "fit", source.schema)
        samples = [s for s in read if s.id in predictions]
        unseen = [s for s in samples[source.tuned_on :] if s.values is not None]
        for sample in sorted(unseen, key=lambda s: _hash(s.id))[:limit]:
            said = predictions[sample.id]
            if len(said.probabilities) != len(sample.document.segments):
                raise DatasetError(
                    f"dataset {source.name}: the networks out of fold did not see document "
                    f"{sample.id} as its fields are asked for; train them together with another "
                    "dataset, as the checkpoint was (a second --dataset)"
                )
            unknown = [x.path for x in asked.schema.leaves if not label_columns(x, said)]
            if unknown:
                raise DatasetError(
                    f"dataset {source.name}: the networks do not know the field {unknown[0]!r}"
                )
            proposal = Proposal.of(sample.document, asked.schema, said)
            found.append(Evidence(source.name, sample, asked, proposal))
    return found


def without_a_field(
    documents: Sequence[Evidence], folds: Folds
) -> list[tuple[Evidence, NodeProbabilities]]:
    """Each document once more without one of its fields: what is answered there is not on the page.

    On real documents almost every field is there, so a fusion that answers always would look best.

    Args:
        documents: Real ones.
        folds: Say what a network that has not seen the document says of the copy.

    Returns:
        Documents "<id>#<path>", with these predictions; none for one that no field can be removed
        from.
    """
    found: list[tuple[Evidence, NodeProbabilities]] = []
    for document in documents:
        kinds = {label: str(kind) for label, kind in document.asked.kinds().items()}
        removed = without_fields(document.sample, kinds)
        if not removed:
            continue
        chosen = min(removed, key=lambda c: _hash(c.id))
        values = tuple(v for v in document.sample.values or () if v.path != chosen.path)
        sample = chosen.sample.model_copy(update={"values": values})
        said = folds.predict(sample.document, document.sample.id)
        proposal = Proposal.of(sample.document, document.schema, said)
        copy = Evidence(document.dataset, sample, document.asked, proposal, removed=chosen.path)
        found.append((copy, said))
    return found


def collect(
    documents: Sequence[Evidence],
    connection: LlmConnection,
    strategy: Strategy,
    on_done: Callable[[], None] = lambda: None,
) -> list[Evidence]:
    """Asks an LLM about the documents, several at a time.

    Args:
        documents: With proposals.
        connection: To the LLM; best with recorded replies, so that a killed run goes on.
        strategy: Gives the votes.
        on_done: Told after each document.

    Raises:
        ServerError: If the LLM cannot be reached.
    """
    return list(_answered(documents, connection, strategy, on_done))


def _answered(
    documents: Sequence[Evidence],
    connection: LlmConnection,
    strategy: Strategy,
    on_done: Callable[[], None],
) -> Iterator[Evidence]:
    with ThreadPoolExecutor(max_workers=_WORKERS) as threads:
        try:
            for evidence in threads.map(lambda d: _asked(d, connection, strategy), documents):
                on_done()
                yield evidence
        finally:
            threads.shutdown(wait=True, cancel_futures=True)


def _asked(document: Evidence, connection: LlmConnection, strategy: Strategy) -> Evidence:
    paths = [p for p, found in document.proposal.flat.items() if found and not _is_sure(found)]
    votes: dict[str, Vote] = {}
    samples: dict[str, Sequence[Answer]] = {}
    page = document.sample.document
    if paths:
        questions = [document.questions[path] for path in paths]
        case = Case(page, document.schema, document.proposal, questions)
        voting = strategy.votes(case, lambda: connection.open_for(page))
        votes = {p: v for p, v in zip(paths, voting.votes, strict=True) if v is not None}
        samples = dict(zip(paths, voting.samples, strict=False))
    structured = reading = None
    listed = document.proposal.lists
    doubtful = not listed or any(not _is_sure([c]) for c in listed.values())
    reads = connection.trust >= READER_TRUST
    if (reads or doubtful) and not document.schema.is_flat and page.segments:
        backend, room = connection.open_for(page)
        if reads:
            node = document.lists.node(document.schema)
            reading = read_page(page, node, backend, room, certainty=True)
        else:
            structured = structure(page, document.schema, listed, backend, room)
    problems = [v.problem for v in votes.values() if v.shares is None and v.problem]
    if not connection.available:
        on_lists = structured or reading
        reason = problems[-1] if problems else on_lists.problem if on_lists else None
        raise ServerError(
            f"the LLM {connection.spec!r} cannot be reached{f' ({reason})' if reason else ''}; its "
            "replies so far are kept, run the same command again to go on"
        )
    return replace(
        document,
        votes=votes,
        samples=samples,
        structured=structured,
        reading=reading,
        trust=connection.trust,
    )


def _is_sure(found: Sequence[Candidate]) -> bool:
    """With the default weights, and by the GCN's belief alone."""
    beliefs = prior(found)[:-1]
    best = likeliest(beliefs)
    return min(beliefs[best], score(found[best], beliefs[best])) >= SURE


def _hash(name: str) -> str:
    return hashlib.sha256(f"calibrate/{name}".encode()).hexdigest()
