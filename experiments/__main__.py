"""Lets `python -m experiments` do what the command `keystay` does."""

from experiments.cli import main

if __name__ == "__main__":
    main()
