"""Labels of one dataset that mean what another one calls so, where both are trained together."""

SAME_LABEL = {"total.total_price": "total"}
"""Label of a dataset to the joint label."""
