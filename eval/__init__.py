"""Datasets and measurements."""
