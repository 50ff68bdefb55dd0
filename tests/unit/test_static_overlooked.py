"""What the static loader does not read is told: what a function, a loop or an unknown condition declares."""

from pathlib import Path

import pytest

from tests.unit.static_sources import load

OVERLOOKED = {
    "function": "def f():\n    class A(AscClass): ...\n    class B(A): ...\n",
    "method": "class C:\n    def f(self):\n        class A(AscClass): ...\n        class B(A): ...\n",
    "import": "def f():\n    from wasmbind import AscClass as X\n    class A(X): ...\n    class B(A): ...\n",
    "alias": "async def f():\n    X = AscClass\n    if x:\n        class A(X): ...\n    class B(A): ...\n",
    "loop": "for _ in x:\n    class A(AscModule): ...\nclass B(AscClass, Generic[x]): ...\n",
    "handler": "try: ...\nexcept Exception:\n    class A(AscModule): ...\n    class B(AscClass): ...\n",
    "match": "match x:\n    case 1:\n        class A(AscModule): ...\n    case _:\n        class B(AscClass): ...\n",
    "call": "class A(x()):\n    a: i32\nclass B(x(), wasm='b.wasm'): ...\n",
    "unknown base": (
        "from x import Y\nclass A(Y):\n    def f(self) -> i32: ...\nclass B(A): ...\nclass C(Y):\n    a: int\n"
    ),
    "condition": (
        "class C(AscClass):\n    if x:\n        A: i32\n    else:\n"
        "        def B(self) -> None: ...\n        def c(self): return 1\n"
    ),
    "not ours": "import y\nclass A(y.AscModule): ...\nclass B(y.AscRecord): ...\nclass C(y.Model): ...\n",
}


@pytest.mark.parametrize("text", OVERLOOKED.values(), ids=OVERLOOKED)
def test_what_is_not_read_is_told(tmp_path: Path, text: str) -> None:
    """Declarations that may or may not be made are noted as left out, and nothing else is."""
    module = load(tmp_path, text)
    assert [left.who.rpartition(".")[2] for left in module.left_out] == ["A", "B"]
    assert all(left.reason for left in module.left_out)
