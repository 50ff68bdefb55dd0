"""The tests of wasmbind."""
