"""`python -m hybrid`, the same as the command `hybrid`."""

from hybrid.cli import main

main()
