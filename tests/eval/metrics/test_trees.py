import pytest

from eval.metrics.trees import PathError, steps, tree_of


def test_steps() -> None:
    assert steps("total") == ("total",)
    assert steps("menu[12].sub[0].nm") == ("menu", 12, "sub", 0, "nm")
    assert steps("a[0][1]") == ("a", 0, 1)


@pytest.mark.parametrize("path", ["", "[0]", "a..b", "a[x]", "a.", ".a", "a[0]b", "a]"])
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(PathError, match="is no path such as"):
        steps(path)


def test_trees() -> None:
    leaves = [
        ("menu[10].nm", "c"),
        ("menu[2].nm", "a"),
        ("menu[2].sub[0].nm", "b"),
        ("total.price", "9"),
        ("total.price", "9,0"),
        ("tags[1]", "y"),
        ("tags[0]", "x"),
    ]
    assert tree_of(leaves) == {
        "menu": [{"nm": "a", "sub": [{"nm": "b"}]}, {"nm": "c"}],
        "total": {"price": "9"},
        "tags": ["x", "y"],
    }
    assert tree_of([]) == {}


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["a", "a.b"], "'a.b' goes on where another path of its document ends"),
        (["a.b", "a"], "'a' ends where another path of its document goes on"),
        (["a[0].b", "a.b"], "names and indices stand side by side: 0, b"),
    ],
)
def test_paths_that_do_not_fit_together(paths: list[str], message: str) -> None:
    with pytest.raises(PathError, match=message):
        tree_of((path, "1") for path in paths)
