import pytest

from eval.datasets.receipt_gold import (
    SCORED,
    Part,
    amount_text,
    parts_tree,
    receipt_values,
    restricted_tree,
)
from hybrid.schema import FieldSchema
from hybrid.schemas import ItemizedReceipt


def test_scored_labels_are_those_of_the_built_in_schema() -> None:
    named = {label for leaf in FieldSchema(ItemizedReceipt).leaves for label in leaf.labels}
    assert set(SCORED) == named - {"total"}


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("TOTAL45,500", "45,500"),
        ("Total Rp 45.500", "45.500"),
        ("Rp. 45.500,-", "45.500"),
        ("1 x", "1"),
        ("x2", "2"),
        ("@ 15.000", "15.000"),
        ("Total 3 45.500", "45.500"),
        ("PB1 10% 1,818", "1,818"),
        ("(5,000)", "(5,000)"),
        ("Rp -5,000", "-5,000"),
        ("-Rp 5,000", "-Rp 5,000"),
        ("(2 x", "2"),
        ("Disc 10%", "Disc 10%"),
        ("FREE", None),
        ("", None),
    ],
)
def test_the_last_amount_without_its_currency(text: str, amount: str | None) -> None:
    assert amount_text(text) == amount


def test_the_menu_is_numbered_by_groups_and_names_are_joined() -> None:
    parts = [
        Part("menu.nm", 7, "Nasi", (0,)),
        Part("menu.price", 7, "Rp 9,000", (1,)),
        Part("menu.sub.nm", 7, "extra egg", (2,)),
        Part("menu.price", 4, "5,000", (4,)),
        Part("menu.nm", 7, "Goreng", (3,)),
    ]
    assert [(v.path, v.label, v.text, v.segment_ids) for v in receipt_values(parts)] == [
        ("menu[0].nm", "menu.nm", "Nasi Goreng", (0, 3)),
        ("menu[0].price", "menu.price", "9,000", (1,)),
        ("menu[1].price", "menu.price", "5,000", (4,)),
    ]


def test_equal_amounts_on_one_path_are_alternatives_and_others_are_left_out() -> None:
    parts = [
        Part("total.total_price", 1, "TOTAL 45,500"),
        Part("total.total_price", 1, "Rp 45.500"),
        Part("total.total_price", 1, "CHANGE 500"),
        Part("sub_total.discount_price", 1, "10%"),
        Part("sub_total.discount_price", 1, "20%"),
        Part("total.changeprice", 1, "CHANGE"),
        Part("total.menuqty_cnt", 1, "3"),
    ]
    assert [(v.path, v.text) for v in receipt_values(parts)] == [
        ("total.total_price", "45,500"),
        ("total.total_price", "45.500"),
        ("sub_total.discount_price", "10%"),
    ]
    assert receipt_values([]) == ()


def test_a_tree_of_the_parse() -> None:
    parse = {
        "menu": {"nm": ["Nasi", "Goreng"], "price": "9,000", "sub": [{"nm": "egg"}]},
        "sub_total": [{"tax_price": "900"}, {"tax_price": "1", "etc": "2"}],
        "total": {"creditcardprice": ["9,900", "9.900"], "menuqty_cnt": "1", "cashprice": " "},
        "void_menu": {"nm": "Teh"},
    }
    assert restricted_tree(parse) == {
        "menu": [{"nm": "Nasi Goreng", "price": "9,000"}],
        "sub_total": {"tax_price": "900"},
        "total": {"creditcardprice": "9,900"},
    }
    assert restricted_tree({"menu": [{"num": "1"}, "odd"]}) == {
        "menu": [],
        "sub_total": {},
        "total": {},
    }


def test_a_tree_of_the_parts_is_that_of_the_parse() -> None:
    parts = [
        Part("menu.nm", 7, "Nasi"),
        Part("menu.nm", 7, "Goreng"),
        Part("menu.cnt", 7, "1 x"),
        Part("menu.nm", 8, "Teh"),
        Part("menu.etc", 8, "hot"),
        Part("total.total_price", 9, "Rp 9,900"),
    ]
    assert parts_tree(parts) == {
        "menu": [{"nm": "Nasi Goreng", "cnt": "1 x"}, {"nm": "Teh"}],
        "sub_total": {},
        "total": {"total_price": "Rp 9,900"},
    }
