"""`python -m wasmbind` is the command `wasmbind`."""

from wasmbind.cli import main

if __name__ == "__main__":
    main()
