"""Parties of a document: names, addresses and contacts from the blocks that they stand in."""
