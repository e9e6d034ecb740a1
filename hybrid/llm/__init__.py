"""Local models: profiles, downloads, the vLLM server, and the chat backends that talk to it."""

DEFAULT_LLM = "smollm2-135m-receipts"
"""The LLM of every command and class that is not told another one."""
