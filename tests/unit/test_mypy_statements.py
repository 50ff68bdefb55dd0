"""The statements that the mypy plugin finds in files and class bodies."""

from mypy.nodes import (
    Block,
    ClassDef,
    Decorator,
    ForStmt,
    FuncDef,
    IfStmt,
    MatchStmt,
    NameExpr,
    OverloadedFuncDef,
    PassStmt,
    Statement,
    TryStmt,
    Var,
    WhileStmt,
    WithStmt,
)
from mypy.patterns import AsPattern

from wasmbind._mypy.statements import all_statements, own_statements

NAME = NameExpr("x")


def block(*statements: Statement) -> Block:
    """A block of statements."""
    return Block(list(statements))


def function(*statements: Statement) -> FuncDef:
    """A function with a body."""
    return FuncDef("f", [], block(*statements))


def decorated(*statements: Statement) -> Decorator:
    """The same with a decorator."""
    return Decorator(function(*statements), [], Var("f"))


def test_statements_are_found_in_every_branch() -> None:
    """Those of conditions, loops, `with`, `try` and `match` count as if they stood in their place, in order."""
    one, two, three, four = (PassStmt() for _ in range(4))
    assert list(own_statements([one, block(two), three])) == [one, two, three]
    assert list(own_statements([IfStmt([NAME, NAME], [block(one), block(two)], block(three))])) == [one, two, three]
    assert list(own_statements([IfStmt([NAME], [block(one)], None), two])) == [one, two]
    assert list(own_statements([WhileStmt(NAME, block(one), block(two))])) == [one, two]
    assert list(own_statements([ForStmt(NAME, NAME, block(one), None)])) == [one]
    assert list(own_statements([WithStmt([NAME], [None], block(one))])) == [one]
    tried = TryStmt(block(one), [None], [None], [block(two)], block(three), block(four))
    assert list(own_statements([tried])) == [one, two, three, four]
    matched = MatchStmt(NAME, [AsPattern(None, None)] * 2, [None, None], [block(one), block(two)])
    assert list(own_statements([matched])) == [one, two]


def test_bodies_are_entered_where_all_is_asked_for() -> None:
    """Classes and functions are statements themselves; what stands in them comes right behind."""
    one, two, three = (PassStmt() for _ in range(3))
    plain, marked = function(one), decorated(two)
    several = OverloadedFuncDef([decorated(three)])
    cls = ClassDef("C", block(plain, IfStmt([NAME], [block(marked)], None), several))
    assert list(own_statements([cls])) == [cls]
    own: list[Statement] = [plain, marked, several]
    everything: list[Statement] = [cls, plain, one, marked, two, several, three]
    assert list(own_statements(cls.defs.body)) == own
    assert list(all_statements([cls])) == everything
