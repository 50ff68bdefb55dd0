"""All rows of the table, in its order."""

from benchmarks import _calls, _collections, _dynamic, _hosts, _lifetimes, _limits, _starts, _values

__all__ = ["ROWS"]

ROWS = (
    *_calls.ROWS,
    *_hosts.ROWS,
    *_values.ROWS,
    *_collections.ROWS,
    *_lifetimes.ROWS,
    *_limits.ROWS,
    *_starts.ROWS,
    *_dynamic.ROWS,
)
