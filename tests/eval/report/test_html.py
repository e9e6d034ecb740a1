from eval.report.html import MOST_ENTRIES, flattened


def test_settings_are_pairs_and_long_tables_are_only_named() -> None:
    tree = {
        "seed": 0,
        "llm": {"name": "small", "flags": []},
        "systems": [{"name": "gcn"}],
        "counted": {"values": {str(k): k for k in range(MOST_ENTRIES + 1)}},
    }
    assert flattened(tree) == [
        ("seed", "0"),
        ("llm.name", "small"),
        ("llm.flags", "[]"),
        ("systems[0].name", "gcn"),
        ("counted.values", "41 entries, in results.json"),
    ]
    assert len(flattened({str(k): k for k in range(99)})) == 99
