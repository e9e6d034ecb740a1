"""Tables: the rows below headings become the items of a list."""
