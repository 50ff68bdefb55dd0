"""AssemblyScript modules made by hypothesis, of everything that declarations are generated for."""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from tests.integration.generate_words import DOCS, NAMES
from wasmbind import _descriptors as d

NUMBERS = ["i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "isize", "usize", "f32", "f64"]


@dataclass
class Source:
    """A module in the making."""

    draw: Any
    lines: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    enums: list[str] = field(default_factory=list)
    counter: int = 0

    def one(self, options: Any) -> Any:
        """One of several things."""
        return self.draw(st.sampled_from(list(options)))

    def some(self, most: int, least: int = 0) -> range:
        """So many times."""
        return range(self.draw(st.integers(least, most)))

    def maybe(self) -> bool:
        """Yes or no."""
        return bool(self.draw(st.booleans()))

    def name(self, prefix: str, taken: set[str]) -> str:
        """A name that is not taken yet."""
        self.counter += 1
        found = self.one([*NAMES, *[f"{prefix}{self.counter}"] * 12])
        if found in taken:
            found = f"{prefix}{self.counter}"
        taken.add(found)
        return str(found)

    def doc(self, indent: str = "") -> None:
        """A doc comment, or none."""
        if self.maybe():
            self.lines.append(f"{indent}/** {self.one(DOCS)} */")

    # --- types ----------------------------------------------------------------------------------------------

    def type(self, depth: int = 2) -> tuple[str, str]:
        """A type, and an expression of it."""
        kinds = ["number", "number", "bool", "string"]
        if self.enums:
            kinds.append("enum")
        if self.classes:
            kinds += ["class", "class"]
        if depth:
            kinds += ["array", "map", "set", "static", "typed", "buffer", "nullable", "function", "generic", "date"]
        kind = self.one(kinds)
        if kind == "number":
            return self.one(NUMBERS), "0"
        if kind == "bool":
            return "bool", "true"
        if kind == "string":
            return "string", '"s"'
        if kind == "enum":
            found = self.one(self.enums)
            return found, f"{found}.First"
        if kind == "class":
            found = self.one(self.classes)
            return found, f"new {found}()"
        return self._compound(kind, depth)

    def _compound(self, kind: str, depth: int) -> tuple[str, str]:
        if kind == "typed":
            found = self.one(d.TYPED_ARRAYS)
            return found, f"new {found}(2)"
        if kind == "buffer":
            return "ArrayBuffer", "new ArrayBuffer(4)"
        if kind == "date":
            return "Date", "new Date(0)"
        if kind == "map":
            text = f"Map<{self.one(['string', 'i32', 'u8', 'f64'])}, {self.type(depth - 1)[0]}>"
            return text, f"new {text}()"
        if kind == "set":
            text = f"Set<{self.one(['string', 'i32', 'u64'])}>"
            return text, f"new {text}()"
        if kind == "static":
            text = f"StaticArray<{self.one([*NUMBERS, 'bool'])}>"
            return text, f"new {text}(2)"
        if kind == "function":
            params = [self.type(depth - 1)[0] for _ in self.some(2)]
            result, value = self.type(0)
            shown = ", ".join(f"a{at}: {each}" for at, each in enumerate(params))
            return f"(({shown}) => {result})", f"({shown}): {result} => {value}"
        if kind == "generic":
            inner = self.type(0)[0]
            return f"Box<{inner}>", f"boxed<{inner}>()"
        if kind == "nullable":
            inner = self.one(["string", "Float64Array", "i32[]", "ArrayBuffer", *self.classes])
            return f"{inner} | null", "null"
        inner = self.type(depth - 1)[0]
        return f"Array<{inner}>", f"new Array<{inner}>()"

    # --- definitions ----------------------------------------------------------------------------------------

    def parameters(self, prefix: str = "a") -> tuple[str, list[str]]:
        """A list of parameters, some with defaults at the end, and their types."""
        shown, types = [], []
        optional = False
        for at in self.some(3):
            type_, value = self.type()
            optional = optional or (self.maybe() and not type_.startswith("("))
            if optional and type_.startswith("("):
                break
            text = f"{prefix}{at}: {type_}"
            if optional:
                text += f" = {self.literal(type_, value)}"
            shown.append(text)
            types.append(type_)
        return ", ".join(shown), types

    def literal(self, type_: str, value: str) -> str:
        """A default of a type."""
        options = [value]
        if type_ in ("f32", "f64"):
            options = ["0", "1.5", "-2", "1e3", "NaN", "Infinity", "0.1"]
        elif type_ in NUMBERS:
            options = ["0", "7", "0x10", "3 * 4"]
        elif type_ == "string":
            options = ['""', "'it\"s'", '"x"', '"a\\n"', '"' + "long " * 9 + '"']
        return str(self.one(options))

    def enum(self) -> None:
        """An enum."""
        self.counter += 1
        name = f"Enum{self.counter}"
        taken = {"First"}
        members = ["First", *(self.name("m", taken) for _ in self.some(3))]
        members = [member for member in members if not member.startswith("$")]
        self.doc()
        const, valued = "const " * self.maybe(), self.maybe()
        values = ", ".join(f"{member} = {at * 3 - 1}" if valued else member for at, member in enumerate(members))
        self.lines.append(f"export {const}enum {name} {{ {values} }}")
        self.enums.append(name)

    def interface(self) -> str:
        """An interface, and members that implement it."""
        self.counter += 1
        name, at = f"Shape{self.counter}", self.counter
        self.lines.append(f"export interface {name} {{")
        self.lines.append(f"  readonly label{at}: string; scale{at}: f64; area{at}(by: i32): f64;")
        self.lines.append("}")
        return name

    def implement(self, interface: str) -> None:
        """The members of an interface, as fields or as accessors."""
        at = interface.removeprefix("Shape")
        if self.maybe():
            self.lines.append(f'  label{at}: string = "l"; scale{at}: f64 = 1;')
        else:
            self.lines.append(f'  get label{at}(): string {{ return "l"; }}')
            self.lines.append(f"  get scale{at}(): f64 {{ return 1; }} set scale{at}(v: f64) {{}}")
        self.lines.append(f"  area{at}(other: i32): f64 {{ return 0; }}")

    def klass(self, interfaces: list[str]) -> None:
        """A class, with a base or interfaces, or without."""
        self.counter += 1
        name = f"Class{self.counter}"
        base = self.one([None, *self.classes]) if self.classes else None
        wanted = [each for each in interfaces if base is None and self.maybe()]
        self.doc()
        head = f" extends {base}" * bool(base) + f" implements {', '.join(wanted)}" * bool(wanted)
        self.lines.append(f"export class {name}{head} {{")
        for interface in wanted:
            self.implement(interface)
        # Names of its own: what a base has, AssemblyScript lets nobody declare again.
        taken: set[str] = set(NAMES) if base else set()
        for _ in self.some(4):
            type_, value = self.type()
            access = self.one(["", "", "", "readonly ", "private ", "protected ", "static "])
            self.doc("  ")
            self.lines.append(f"  {access}{self.name(f'field{self.counter}_', taken)}: {type_} = {value};")
        if not base or self.maybe():
            shown = ", ".join(
                f"p{at}: {type_} = {self.literal(type_, '0')}"
                for at, type_ in enumerate(self.one(["i32", "f64", "string", "u8"]) for _ in self.some(2))
            )
            self.doc("  ")
            self.lines.append(f"  constructor({shown}) {{ {'super();' * bool(base)} }}")
        for _ in self.some(3):
            self.method(taken)
        self.method_of_all(name)
        if self.maybe():
            type_, value = self.type()
            accessor = self.name(f"value{self.counter}_", taken)
            self.doc("  ")
            self.lines.append(f"  get {accessor}(): {type_} {{ return {value}; }}")
            if self.maybe():
                self.lines.append(f"  set {accessor}(v: {type_}) {{}}")
        if not base and self.maybe():
            self.lines.append(f'  @operator("+") plus(other: {name}): {name} {{ return other; }}')
            self.lines.append(f'  @operator("==") static same(a: {name}, b: {name}): bool {{ return true; }}')
            self.lines.append('  @operator("[]") at(index: i32): string { return "x"; }')
        self.lines.append("}")
        self.classes.append(name)

    def abstract(self) -> None:
        """An abstract class, and one that derives from it."""
        self.counter += 1
        at = self.counter
        type_, value = self.type(1)
        self.lines += [
            f"export abstract class Abstract{at} {{",
            f"  state: {type_} = {value};",
            "  abstract must(a: i32): string;",
            "  can(b: f64 = 1): i32 { return 1; }",
            "}",
            f"export class Concrete{at} extends Abstract{at} {{",
            "  must(b: i32): string { return 'must'; }",
            "  can(c: f64 = 2): i32 { return 2; }",
            "}",
        ]
        self.classes.append(f"Concrete{at}")

    def sealed(self) -> None:
        """A class that only makes itself, with a static and a method of one name."""
        self.counter += 1
        name = f"Sealed{self.counter}"
        self.lines += [
            f"export class {name} {{",
            "  private constructor() {}",
            f"  static make(): {name} {{ return new {name}(); }}",
            f"  make(): {name} | null {{ return null; }}",
            "  /** @wasmbindSkip */",
            "  skipped(): i32 { return 1; }",
            "}",
            f"export function open{self.counter}(): {name} {{ return {name}.make(); }}",
        ]

    def namespace(self) -> None:
        """A namespace with one of everything."""
        self.counter += 1
        name = f"space{self.counter}"
        self.lines += [
            f"export namespace {name} {{",
            "  export enum Mode { First, Second }",
            "  export class Point { constructor(public x: f64 = 0) {} }",
            "  export let count: i32 = 0;",
            "  export function call(p: Point, m: Mode = Mode.First): Mode { return m; }",
            "}",
        ]
        self.classes.append(f"{name}.Point")
        self.enums.append(f"{name}.Mode")

    def unmanaged(self) -> None:
        """Functions that have no declaration, whose other types nobody else may need."""
        self.counter += 1
        type_, _ = self.type()
        self.lines.append(f"@unmanaged class Raw{self.counter} {{ x: i32; }}")
        self.lines.append(f"export function raw{self.counter}(a: {type_}, r: Raw{self.counter}): void {{}}")

    def method(self, taken: set[str]) -> None:
        """A method."""
        shown, _ = self.parameters()
        result, value = self.type()
        static = "static " * self.maybe()
        self.doc("  ")
        self.lines.append(
            f"  {static}{self.name(f'method{self.counter}_', taken)}({shown}): {result} {{ return {value}; }}"
        )

    def method_of_all(self, name: str) -> None:
        """A method that derived classes override, with other names of parameters and other defaults."""
        self.lines.append(f"  shared(x{name}: i32, times: i32 = {len(self.classes)}): string {{ return '{name}'; }}")
        if self.maybe():
            self.lines.append(f"  itself(): {name} {{ return this; }}")
            self.lines.append("  touch(): this { return this; }")
        if self.maybe():
            self.lines.append("  get kind(): i32 { return 1; }")
        if self.maybe():
            self.lines.append("  get level(): f64 { return 1; } set level(v: f64) {}")

    def function(self, taken: set[str]) -> None:
        """An exported function."""
        shown, _ = self.parameters()
        result, value = self.one([self.type(), ("void", "")])
        name = self.name("call", taken)
        self.doc()
        self.lines.append(f"export function {name}({shown}): {result} {{ return {value}; }}")

    def variable(self, taken: set[str]) -> None:
        """A global."""
        type_, value = self.type()
        self.doc()
        self.lines.append(f"export {self.one(['let', 'const'])} {self.name('value', taken)}: {type_} = {value};")


@st.composite
def sources(draw: Any) -> str:
    """The source of a module."""
    made = Source(draw)
    made.lines += [
        "export class Box<T> { constructor(public value: T) {} get(): T { return this.value; } }",
        "function boxed<T>(): Box<T> { return instantiate<Box<T>>(instantiated<T>()); }",
        "function instantiated<T>(): T {",
        "  if (isString<T>()) return changetype<T>('boxed');",
        "  if (isReference<T>()) return instantiate<T>();",
        "  return <T>0;",
        "}",
    ]
    for _ in made.some(2):
        made.enum()
    interfaces = [made.interface() for _ in made.some(2)]
    for _ in made.some(4):
        made.klass(interfaces)
    for extra in (made.abstract, made.sealed, made.namespace, made.unmanaged):
        if made.maybe():
            extra()
    for _ in made.some(1):
        made.klass(interfaces)
    taken = {"boxed", "instantiated"}
    for _ in made.some(3):
        made.variable(taken)
    for _ in made.some(8, 2):
        made.function(taken)
    return "\n".join(made.lines) + "\n"
