"""Values by the keys that are printed with them: beside, below, above, in boxes, in the same line."""
