"""Local models: profiles, downloads, the vLLM server, and the chat backends that talk to it."""
