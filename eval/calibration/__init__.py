"""Fits the fusion of a checkpoint and an LLM on training documents: what `hybrid calibrate` does."""
