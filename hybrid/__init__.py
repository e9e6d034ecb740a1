"""Structured data out of documents, with provenance."""
