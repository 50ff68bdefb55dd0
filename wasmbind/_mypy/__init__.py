"""The parts of the mypy plugin; `wasmbind.mypy` is what mypy loads."""
