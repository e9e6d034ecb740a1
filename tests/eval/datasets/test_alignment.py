import pytest

from eval.datasets.alignment import align_fields, find_date, find_text, find_total
from hybrid.document import BoundingBox, Segment, Word, segment_of

Line = tuple[str, float, float]


def page(*lines: Line | str) -> list[Segment]:
    """Lines 10 high, given as text (one a row) or as (text, left, row)."""
    segments = []
    for number, line in enumerate(lines):
        text, left, row = (line, 0.0, number) if isinstance(line, str) else line
        box = BoundingBox(left=left, top=20 * row, right=left + 40, bottom=20 * row + 10)
        segments.append(segment_of(number, 1, [Word(id=number, text=text, box=box)]))
    return segments


def test_a_value_over_several_lines() -> None:
    lines = page("ACME (M)", "SDN. BHD.", "NO 5 JALAN SATU,", "50000 KUALA LUMPUR.", "TEL 03-123")
    assert find_text(lines, "Acme (M) Sdn Bhd") == [0, 1]
    assert find_text(lines, "NO. 5, JALAN SATU, 50000 KUALA LUMPUR") == [2, 3]


def test_a_value_inside_a_longer_line_and_only_its_first_place() -> None:
    lines = page("OWNED BY ACME SDN BHD (123456-X) LICENSED", "THANK YOU", "ACME SDN BHD")
    assert find_text(lines, "ACME SDN BHD") == [0]


def test_a_misread_value_and_one_with_a_text_in_between() -> None:
    assert find_text(page("RECEIPT", "ACME TRADlNG SDN BHD", "X"), "ACME TRADING SDN BHD") == [1]
    lines = page("NO 5 JALAN SATU", "TEL: 03-5551234 FAX: 03-5554321 WWW.ACME.COM", "KUALA LUMPUR")
    assert find_text(lines, "NO 5 JALAN SATU KUALA LUMPUR") == [0, 2]


@pytest.mark.parametrize("value", ["SOMETHING ELSE ENTIRELY", "", "..."])
def test_a_value_that_is_not_there(value: str) -> None:
    assert find_text(page("ACME SDN BHD", "TOTAL 9.00"), value) == []
    assert find_text([], "ACME") == []


def test_dates() -> None:
    lines = page(
        "DATE: 25/12/2018 8:13 PM", "25-12-2018", "125/12/2018", "25/12/20181", "5 MAY 2018"
    )
    assert find_date(lines, "25/12/2018") == [0, 1]
    assert find_date(lines, "5 May 2018") == [4]
    assert find_date(lines, "5/12/2018") == []
    assert find_date(lines, "-") == []


def test_a_total_in_a_box_of_its_own_right_of_its_key() -> None:
    lines = page(
        ("SUBTOTAL", 0, 0),
        ("9.00", 100, 0),
        ("TOTAL", 0, 1),
        ("9.00", 100, 1),
        ("CASH", 0, 2),
        ("9.00", 100, 2),
    )
    assert find_total(lines, "9.00") == [3]


def test_all_total_rows_and_other_spellings_of_the_amount() -> None:
    lines = page(
        "TOTAL RM 1,234.50", "ROUNDED TOTAL: 1234.50", "TOTAL TAX 1234.50", "CHANGE 1234.50"
    )
    assert find_total(lines, "RM1,234.50") == [0, 1]


def test_the_key_is_what_stands_before_the_amount() -> None:
    assert find_total(page("TOTAL SAVING 0.00 TOTAL 77.20", "CASH 77.20"), "77.20") == [0]
    assert find_total(page("TOTAL 8.49 0.51 9.00", "MASTER 9.00"), "9.00") == [0]
    assert find_total(page("TOTAL DISCOUNT 9.00", "AMOUNT DUE 9.00"), "9.00") == [1]


def test_without_a_total_row_the_last_that_is_no_payment() -> None:
    assert find_total(page("COFFEE 9.00", "RM 9.00", "CASH 9.00"), "9.00") == [1]
    assert find_total(page("SUBTOTAL 9.00", "CASH 9.00"), "9.00") == [1]


def test_amounts_are_whole_numbers_only_where_nothing_else_fits() -> None:
    lines = page("12 ITEMS", "TOTAL 12.00")
    assert find_total(lines, "12") == [1]
    assert find_total(page("QTY 3", "TOTAL 15"), "15.00") == [1]


@pytest.mark.parametrize("value", ["9.00", "", "none"])
def test_a_total_that_is_not_there(value: str) -> None:
    assert find_total(page("TOTAL 19.00", "29.001", "9,000.00"), value) == []


def test_fields_become_labels_and_the_narrower_field_wins() -> None:
    lines = page("ACME", "NO 5 JALAN SATU 1/1/2018", "TOTAL 9.00", "THANK YOU")
    fields = {"date": "1/1/2018", "address": "NO 5 JALAN SATU", "company": "ACME", "total": "9.00"}
    assert align_fields(lines, fields) == ("company", "date", "total", "other")
    assert align_fields(lines, {}) == ("other",) * 4
    with pytest.raises(ValueError, match="tax"):
        align_fields(lines, {"tax": "1.00"})
