"""Variants of reading a page with an LLM alone: prompt, coordinates, and examples to learn from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from hybrid.document import BoundingBox, Document, Segment
from hybrid.errors import HybridError
from hybrid.schema import Leaf, ListNode, Node, ObjectNode, leaves_of
from hybrid.verify.prompts import block_text, line, render, shown
from hybrid.verify.replies import BOX_SCALE

if TYPE_CHECKING:
    from hybrid.llm.backend import Message

PromptVersion = Literal["v1", "v2"]
Coordinates = Literal["none", "given", "written"]


@dataclass(frozen=True)
class LlmOptions:
    """How an LLM is asked to read a page.

    Attributes:
        prompt: Version of the template. "v1" is short and knows no coordinates; "v2" explains the
            task with a worked example and has each value written before its place, which makes
            small models read more and invent less (docs/prompts.md).
        coordinates: "none": numbered lines of text. "given": each line also shows its box in
            thousandths of the page. "written": the LLM writes value and box itself, as an
            end-to-end parser does, and no line numbers; code then looks which words are in the box.
        search: Where what the LLM cites does not support a value, code looks for the value on the
            whole page and cites its first place there. Small models read better than they cite.
            Off, a value stands or falls with the LLM's own citation.

    Raises:
        HybridError: If a value is unknown, or the two do not go together.
    """

    prompt: PromptVersion = "v2"
    coordinates: Coordinates = "none"
    search: bool = False

    def __post_init__(self) -> None:
        for name, known in (("prompt", PromptVersion), ("coordinates", Coordinates)):
            if getattr(self, name) not in get_args(known):
                raise HybridError(
                    f"LLM option {name}={getattr(self, name)!r} is unknown; "
                    f"it is one of {', '.join(get_args(known))}"
                )
        if self.prompt == "v1" and self.coordinates != "none":
            raise HybridError(
                f"LLM option coordinates={self.coordinates} needs prompt=v2, v1 has no coordinates"
            )

    @property
    def value_first(self) -> bool:
        """Whether a value is written before the place that it is from."""
        return self.prompt == "v2"

    @property
    def template(self) -> str:
        """Name of the prompt."""
        kind = "extract-boxes" if self.coordinates == "written" else "extract"
        return f"{kind}.{self.prompt}"


@dataclass(frozen=True)
class ExampleValue:
    """A gold value of an example.

    Attributes:
        text: Verbatim.
        segment_ids: In which it stands.
    """

    text: str
    segment_ids: tuple[int, ...]


@dataclass(frozen=True)
class Example:
    """A document with its right answer, shown to the LLM before the page that it is to read.

    Attributes:
        document: Best a short one.
        values: Concrete path ("menu[0].price") to value; fields that are left out are absent.
    """

    document: Document
    values: Mapping[str, ExampleValue] = field(hash=False)


def examples_hash(examples: Sequence[Example]) -> str:
    """SHA-256 over what the examples show; "" without examples."""
    if not examples:
        return ""
    parts = [
        [
            [(s.text, s.box.as_tuple()) for s in example.document.segments],
            sorted((path, v.text, v.segment_ids) for path, v in example.values.items()),
        ]
        for example in examples
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def line_writer(document: Document, options: LlmOptions) -> Callable[[Segment], str]:
    """How a segment of the document is shown to the LLM."""
    if options.coordinates == "none":
        return line

    def with_box(segment: Segment) -> str:
        left, top, right, bottom = scaled_box(document, segment.page, segment.box)
        if options.coordinates == "written":
            return f"[{left}, {top}, {right}, {bottom}] {shown(segment)}"
        return f"[{segment.id}] ({left} {top} {right} {bottom}) {shown(segment)}"

    return with_box


def scaled_box(document: Document, page: int, box: BoundingBox) -> tuple[int, ...]:
    """A box as `(left, top, right, bottom)` in whole thousandths of its page, 0 to 1000."""
    size = document.page(page)
    fractions = box.normalized(size.width, size.height).as_tuple()
    return tuple(min(max(round(f * BOX_SCALE), 0), BOX_SCALE) for f in fractions)


def messages_for(
    document: Document,
    block: Sequence[Segment],
    node: ObjectNode,
    options: LlmOptions,
    examples: Sequence[Example] = (),
) -> tuple[Message, ...]:
    """Instruction, examples as turns of a conversation, and last the page with its question."""
    system, question = _turns(document, block, node, options)
    return (system, *(m for e in examples for m in _example_turns(e, node, options)), question)


def examples_that_fit(
    examples: Sequence[Example], node: ObjectNode, options: LlmOptions, characters: int
) -> Sequence[Example]:
    """The first examples that take no more than so many characters together."""
    used = 0
    for number, example in enumerate(examples):
        used += sum(len(m.content) for m in _example_turns(example, node, options))
        if used > characters:
            return examples[:number]
    return examples


def _turns(
    document: Document, block: Sequence[Segment], node: ObjectNode, options: LlmOptions
) -> tuple[Message, ...]:
    return render(
        options.template,
        page=block_text(block, line_writer(document, options)),
        fields=list(leaves_of(node)),
        boxes=options.coordinates == "given",
    )


def _example_turns(example: Example, node: ObjectNode, options: LlmOptions) -> list[Message]:
    from hybrid.llm.backend import Message

    _, question = _turns(example.document, example.document.segments, node, options)
    return [question, Message(role="assistant", content=right_reply(example, node, options))]


def right_reply(example: Example, node: ObjectNode, options: LlmOptions) -> str:
    """What an LLM should answer about an example's page: JSON of the form that is asked for.

    Without blanks, as servers are told to write it: a model that has learned them and may not write
    them answers with nonsense.
    """
    answer = _answer(example, node, "", options)
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"))


def _answer(example: Example, node: Node, path: str, options: LlmOptions) -> Any:
    """The example's values in the form of a reply."""
    if isinstance(node, ObjectNode):
        return {
            name: _answer(example, child, f"{path}.{name}" if path else name, options)
            for name, child in node.fields.items()
        }
    if isinstance(node, ListNode):
        items: list[Any] = []
        while any(_is_below(p, f"{path}[{len(items)}]") for p in example.values):
            items.append(_answer(example, node.item, f"{path}[{len(items)}]", options))
        return items
    assert isinstance(node, Leaf)
    said = example.values.get(path, ExampleValue("", ()))
    place: dict[str, Any] = {"lines": list(said.segment_ids)}
    if options.coordinates == "written":
        place = {"box": _box_of(example.document, said.segment_ids)}
    value = {"value": said.text}
    return value | place if options.value_first else place | value


def _box_of(document: Document, segment_ids: Sequence[int]) -> list[int]:
    """Around the segments, or those on the first one's page; empty around none."""
    segments = [s for s in document.segments if s.id in segment_ids]
    if not segments:
        return []
    page = segments[0].page
    box = BoundingBox.union_of(s.box for s in segments if s.page == page)
    return list(scaled_box(document, page, box))


def _is_below(path: str, head: str) -> bool:
    return path == head or path.startswith((f"{head}.", f"{head}["))
