from eval.datasets.pairs import pair_values
from hybrid.document import BoundingBox, Segment, Word, segment_of


def segment(number: int, text: str) -> Segment:
    box = BoundingBox(left=0, top=20 * number, right=50, bottom=20 * number + 10)
    return segment_of(number, 1, [Word(id=number, text=text, box=box)])


def test_answers_of_a_question_are_joined_in_reading_order() -> None:
    segments = [segment(k, t) for k, t in enumerate(["Name:", "Jane", "Doe", "Date:", "FORM"])]
    labels = ["question", "answer", "answer", "question", "header"]
    links = [(0, 2), (0, 1), (4, 0), (3, 0), (1, 0), (0, 2)]
    (value,) = pair_values(segments, labels, links)
    assert (value.path, value.label, value.text) == ("pairs[0]", "Name:", "Jane Doe")
    assert value.segment_ids == (1, 2)


def test_an_answer_of_two_questions_belongs_to_both() -> None:
    segments = [segment(k, t) for k, t in enumerate(["Name:", "Signed by:", "Jane"])]
    values = pair_values(segments, ["question", "question", "answer"], [(1, 2), (0, 2)])
    assert [(v.path, v.label, v.text) for v in values] == [
        ("pairs[0]", "Name:", "Jane"),
        ("pairs[1]", "Signed by:", "Jane"),
    ]
    assert pair_values(segments, ["question", "question", "answer"], []) == ()
