"""`python -m hybrid`, the same as the command `hybrid`."""

from hybrid.cli import main

# Processes that vLLM starts inside this one import it once more.
if __name__ == "__main__":
    main()
