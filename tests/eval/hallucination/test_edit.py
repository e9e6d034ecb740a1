from eval.datasets.base import Sample
from eval.hallucination.edit import Node, next_word_id, nodes_of, rebuild, retype, share_out
from hybrid.document import BoundingBox, Segment, Word
from tests.eval.hallucination.receipts import check


def test_nothing_changed_is_the_same_sample(receipt: Sample, drawn: list[Sample]) -> None:
    for sample in (receipt, *drawn):
        assert rebuild(sample, nodes_of(sample)) == sample


def test_what_refers_to_a_segment_goes_with_it(receipt: Sample) -> None:
    made = rebuild(receipt, [n for n in nodes_of(receipt) if n.source not in (0, 6)])
    check(made)
    assert made.labels == receipt.labels[1:6] + receipt.labels[7:]  # type: ignore[index]
    assert made.released_ids == (7, 6, 5, 4, 3, 1, 0)
    assert made.links == ()  # its question is gone
    assert [e.label for e in made.entities] == ["address", "address", "date", "total"]
    ids = {v.path: v.segment_ids for v in made.values or ()}
    assert ids == {"company": (), "date": (2,), "address": (0, 1), "total": (5,)}


def test_a_new_segment_is_background(receipt: Sample) -> None:
    box = BoundingBox(left=0, top=0, right=9, bottom=9)
    word = Word(id=next_word_id(receipt), text="new", box=box)
    nodes = [Node(Segment(id=5, page=1, text="new", box=box, words=(word,)), None), *nodes_of(receipt)]  # fmt: skip
    made = rebuild(receipt, nodes, document_id="other", keep_tree=False)
    check(made)
    assert made.id == "other"
    assert (made.labels or ())[0] == "other"
    assert made.released_ids[:2] == (9, 8)
    assert made.links == ((7, 8),)


def test_a_line_is_shared_out_by_characters() -> None:
    box = BoundingBox(left=0, top=5, right=70, bottom=9)
    assert [b.as_tuple() for b in share_out(["ab", "cdef"], box)] == [(0, 5, 20, 9), (30, 5, 70, 9)]


def test_retyped_words_keep_their_boxes_where_there_are_as_many(receipt: Sample) -> None:
    segment = receipt.document.segments[3]  # DATE: 25/12/2018 20:13
    same = retype(segment, "DATE: 01/02/2017 20:13", 1, 1, 100)
    assert [w.box for w in same.words] == [w.box for w in segment.words]
    assert [w.id for w in same.words] == [w.id for w in segment.words]
    more = retype(segment, "DATE: 1 Feb 2017 20:13", 1, 1, 100)
    assert [w.text for w in more.words] == ["DATE:", "1", "Feb", "2017", "20:13"]
    assert [w.id for w in more.words][2:4] == [100, 101]
    assert (more.words[0], more.words[-1]) == (segment.words[0], segment.words[-1])
    middle = BoundingBox.union_of(w.box for w in more.words[1:4])
    assert middle == segment.words[1].box
    less = retype(segment, "TODAY", 0, 2, 100)
    assert [w.box for w in less.words] == [segment.box]
