"""The shape of the package: who may import whom, where source is executed, what is public."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import wasmbind
from tests.compiling import ROOT

# A module imports only what stands before it in this table: lower layers, and earlier names of its own layer.
# `name.*` stands for a package and all its modules, which may import each other in any order without a cycle.
LAYERS: dict[str, list[str]] = {
    "leaves": ["_endings", "_frames", "errors", "_source", "_names", "_places", "_sourcemap", "_uncaught"],
    "data": [
        "_number_types",
        "_descriptors",
        "types",
        "_layout",
        "_limits",
        "_scopes",
        "_annotation_texts",
        "_annotations",
        "_stubs",
        "_declarations",
        "_generics",
    ],
    "schema": [
        "_schema",
        "_schema.schema",
        "_schema.nodes",
        "_schema.checks",
        "_schema.reader",
        "_schema.model",
        "_schema.format",
        "_schema.bodies",
        "_schema.binary",
        "_schema.starts",
        "_schema.exposing",
        "_schema.rtti",
        "_schema.instructions",
        "_schema.evidence",
        "_schema.abis",
        "_schema.optionals",
    ],
    "verification": [
        "_declared",
        "_call_shapes",
        "_verify",
        "_verify_runtime",
        "_verify_imports",
        "_own_members",
        "_classes",
        "_matching",
        "_suggestions",
        "_members",
        "_literals",
        "_signatures",
        "_schema_objects",
        "_conformance",
        "_class_table",
        "_host_table",
        "_verification",
    ],
    "glue": [
        "_handles",
        "_opaque_glue",
        "_object_glue",
        "_wat",
        "_ring_glue",
        "_adaptor_glue",
        "_glue",
        "_heap_glue",
        "_array_glue",
        "_fnv_glue",
        "_entry_glue",
        "_fill_glue",
        "_keyed_glue",
        "_map_glue",
        "_host_glue",
        "_function_glue",
    ],
    "runtime": [
        "_context",
        "_store_abi",
        "_ticker",
        "_jobs",
        "_interruption",
        "_tasks",
        "_backtraces",
        "_tracebacks",
        "_native",
        "_host_entry",
        "_abi",
        "_natives",
        "_engine",
        "_stops",
        "_wasi",
        "_memory",
        "_proof",
        "_pins",
        "_standing",
        "_ownership",
        "_roots",
        "_traps",
        "_heap",
        "_opaque_scopes",
        "_opaque",
        "_externrefs",
        "_runtime",
        "_codecs.*",
    ],
    "edges": [
        "_calls",
        "_emit",
        "_accessors",
        "_handlers",
        "_live.*",
        "_defaults.*",
        "_conversion",
        "_plans",
        "_storage",
        "_imports",
    ],
    "declarative": [
        "_statics",
        "_objects",
        "_declarative",
        "_install",
        "_providers",
        "_linking",
        "_collection_glue",
        "_units",
        "_functions",
        "_allocations",
        "_instances",
        "_adaptor",
        "_recognition",
        "_bind",
        "_bound",
        "_sources",
        "_modules",
    ],
    "checking": ["_static.*", "_checking", "_mypy.*", "mypy"],
    "tools": [
        "_node",
        "_asc_package",
        "_asc_cache",
        "_asc",
        "_asconfig",
        "_build",
        "_generate.*",
        "importer",
        "_dynamic.*",
        "module",
        "_inspect.*",
        "_pytest_sources",
        "_pytest_asc",
        "_pytest_census",
        "_pytest_leaks",
        "pytest_plugin",
        "_hatch_modules",
        "_hatch_build",
        "hatch",
        "_new.*",
        "cli.*",
        "__main__",
    ],
    "top": ["__init__"],
}

# --------------------------------------------------------------------------
# PUBLIC: every public name of `wasmbind`. A change here changes the public
# surface: tell the CHANGELOG.
# --------------------------------------------------------------------------
PUBLIC: frozenset[str] = frozenset(
    {
        "AbortError",
        "Array",
        "ArrayBuffer",
        "AscClass",
        "AscModule",
        "AscObject",
        "AscRecord",
        "BindError",
        "BuildError",
        "DataView",
        "Date",
        "DeclarationError",
        "ExitError",
        "Float32Array",
        "Float64Array",
        "Frame",
        "HandleError",
        "InstanceError",
        "Int16Array",
        "Int32Array",
        "Int64Array",
        "Int8Array",
        "LiftError",
        "LimitError",
        "Limits",
        "LowerError",
        "LowerRangeError",
        "LowerTypeError",
        "LowerValueError",
        "Map",
        "Mismatch",
        "Module",
        "Name",
        "Opaque",
        "OpaqueValue",
        "Set",
        "StaticArray",
        "TrapError",
        "Uint16Array",
        "Uint32Array",
        "Uint64Array",
        "Uint8Array",
        "Uint8ClampedArray",
        "WasmbindError",
        "WeakOpaque",
        "asdict",
        "auto_resolve",
        "build",
        "engine",
        "export",
        "f32",
        "f64",
        "host",
        "i16",
        "i32",
        "i64",
        "i8",
        "isize",
        "python",
        "string",
        "to_thread",
        "u16",
        "u32",
        "u64",
        "u8",
        "usize",
        "wrap_opaque",
    }
)

EXECUTES_SOURCE = "_source"
USES_PRIVATE_WASMTIME = {"_abi", "_store_abi"}
MOST_LINES = 350
VAGUE_NAMES = {"common", "helper", "helpers", "manager", "util", "utils"}

PACKAGE = Path(wasmbind.__file__).parent


def _module_name(file: Path) -> str:
    """Return a file's name in the table: dotted below the package, a folder's for its `__init__`."""
    parts = file.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


MODULES = {_module_name(file): file for file in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(file.read_text(encoding="utf-8")) for name, file in MODULES.items()}
TABLE = [entry for layer in LAYERS.values() for entry in layer]


def _entry(module: str) -> str | None:
    """Return the table's entry for a module."""
    if module in TABLE:
        return module
    stars = [entry for entry in TABLE if entry.endswith(".*") and f"{module}.".startswith(entry[:-1])]
    return stars[0] if stars else None


def _is_type_checking(test: ast.expr) -> bool:
    return "TYPE_CHECKING" in (getattr(test, "id", None), getattr(test, "attr", None))


def _runtime_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree, leaving out what only a type checker reads."""
    yield node
    for field, value in ast.iter_fields(node):
        if field == "body" and isinstance(node, ast.If) and _is_type_checking(node.test):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _runtime_nodes(child)


def _imported_names(module: str) -> Iterator[tuple[int, str]]:
    """Yield line and absolute dotted name of all that a module imports when it runs."""
    inside = MODULES[module].relative_to(PACKAGE.parent).parent.parts
    for node in _runtime_nodes(TREES[module]):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            above = inside[: len(inside) - node.level + 1] if node.level else ()
            source = ".".join([*above, *([node.module] if node.module else [])])
            for alias in node.names:
                yield node.lineno, f"{source}.{alias.name}"


def _imported_modules(module: str) -> Iterator[tuple[int, str]]:
    """Yield line and name of each module of the package that a module imports when it runs."""
    for line, name in _imported_names(module):
        head, _, below = name.partition(".")
        if head == PACKAGE.name:
            while below not in MODULES and below:  # the last part may be a name inside the module
                below = below.rpartition(".")[0]
            yield line, below or "__init__"


def _where(module: str, line: int) -> str:
    return f"{MODULES[module].relative_to(PACKAGE.parent)}:{line}"


def test_table_is_the_package() -> None:
    """Every file of the package has a place in the table, and every place a file."""
    assert len(TABLE) == len(set(TABLE))
    assert [module for module in MODULES if _entry(module) is None] == []
    assert {_entry(module) for module in MODULES} == set(TABLE)


def test_imports_point_down() -> None:
    """A module imports only what stands before it in the table."""
    place = {entry: index for index, entry in enumerate(TABLE)}
    upward = []
    for module in MODULES:
        own = _entry(module)
        for line, imported in _imported_modules(module):
            other = _entry(imported)
            if own is None or other is None:
                upward.append(f"{_where(module, line)}: {module} or {imported} has no place in the table")
            elif place[other] >= place[own] and not (other == own and own.endswith(".*")):
                upward.append(f"{_where(module, line)}: {module} imports {imported}, which is not below it")
    assert upward == []


def test_no_import_cycle() -> None:
    """No module imports itself by any way round, those that share one place of the table included."""
    graph = {module: {imported for _, imported in _imported_modules(module)} for module in MODULES}
    TopologicalSorter(graph).prepare()


def test_one_module_executes_source() -> None:
    """Exactly one module names the built-ins that turn text into code."""
    builtins = {"exec", "eval", "compile"}
    users = {
        module
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Name) and node.id in builtins)
        or (
            isinstance(node, ast.Attribute)
            and node.attr in builtins
            and isinstance(node.value, ast.Name)
            and node.value.id == "builtins"
        )
    }
    assert users == {EXECUTES_SOURCE}


def test_one_module_uses_private_wasmtime() -> None:
    """What may change with any release of wasmtime is used in one place: calls in one file, setting up in another."""
    users = {
        module
        for module in MODULES
        for _, name in _imported_names(module)
        if name.startswith("wasmtime.") and any(part.startswith("_") for part in name.split("."))
    }
    assert users <= USES_PRIVATE_WASMTIME


def test_modules_are_named_for_what_they_are() -> None:
    """No module has a name that any code would fit."""
    vague = {module for module in MODULES if VAGUE_NAMES & {part.strip("_") for part in module.split(".")}}
    assert vague == set()


def test_files_stay_readable() -> None:
    """A file that grows past the limit is split."""
    lines = {module: len(file.read_text(encoding="utf-8").splitlines()) for module, file in MODULES.items()}
    assert {module: count for module, count in lines.items() if count > MOST_LINES} == {}


def test_public_surface() -> None:
    """`__all__` is sorted, is exactly the pinned set, and every name in it can be had."""
    assert list(wasmbind.__all__) == sorted(PUBLIC)
    assert [name for name in wasmbind.__all__ if not hasattr(wasmbind, name)] == []


def test_verifying_loads_no_wasmtime() -> None:
    """What only compares declarations with a binary, such as a plugin of a type checker, needs nothing to run one."""
    program = "import sys, wasmbind._verification, wasmbind._conformance; print('wasmtime' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
