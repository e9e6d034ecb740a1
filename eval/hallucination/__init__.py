"""What a hallucination is, how it is found, and documents that are made to provoke it."""
