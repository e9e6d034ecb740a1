"""What a run is measured by: pure functions over the rows of `eval/records.py`."""
