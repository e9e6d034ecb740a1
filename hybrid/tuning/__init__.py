"""Tunes a local LLM on labelled documents: examples, tokens, LoRA training, export."""
