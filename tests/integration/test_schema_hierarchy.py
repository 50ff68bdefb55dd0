"""Binaries with a schema: virtual methods, abstract classes and interfaces."""

# mypy: disable-error-code="empty-body"

import pytest

from tests.integration.lazy_binary import LazyBinary
from tests.integration.mismatches import facts
from wasmbind import AscClass, AscModule, BindError, DeclarationError, LiftError, export, f64, i32, string

ZOO = LazyBinary(
    "zoo.wasm",
    """
export interface Named { readonly name: string; rename(to: string): void; greet(times: i32): string; }
export interface Counted extends Named { count: i32; }
export abstract class Animal implements Named {
  legs: i32 = 4;
  constructor(public name: string) {}
  rename(to: string): void { this.name = to; }
  abstract speak(): string;
  greet(times: i32 = 1): string { return (this.name + " says " + this.speak() + " ").repeat(times).trimEnd(); }
  get kind(): string { return "animal"; }
  weigh(extra: f64 = 1): f64 { return 10 + extra; }
  same(other: Animal): bool { return this.name == other.name; }
}
export class Dog extends Animal {
  speak(): string { return "woof"; }
  get kind(): string { return "dog"; }
  weigh(extra: f64 = 2): f64 { return super.weigh(extra) * 2; }
}
export class Puppy extends Dog implements Counted {
  count: i32 = 7;
  constructor() { super("pup"); }
  speak(): string { return "yip"; }
  weigh(extra: f64 = 3): f64 { return super.weigh(extra) + 0.5; }
  greet(times: i32 = 2): string { return super.greet(times) + "!"; }
}
class Wolf extends Dog { speak(): string { return "howl"; } }
export class Robot implements Named {
  serial: i32 = 12;
  get name(): string { return "robot " + this.serial.toString(); }
  rename(to: string): void { this.serial = i32(parseInt(to)); }
  greet(times: i32 = 3): string { return "beep".repeat(times); }
}
export interface Lonely { nothing(): void; }
export abstract class Idea { abstract think(): i32; }
export function adopt(kind: i32): Animal {
  return kind == 0 ? new Dog("rex") : kind == 1 ? new Puppy() : new Wolf("w");
}
export function named(kind: i32): Named {
  if (kind == 3) return new Robot();
  return adopt(kind);
}
export function defaults(animal: Animal): string { return animal.weigh().toString() + " " + animal.greet(); }
export function counted(): Counted { return new Puppy(); }
export function maybe(there: bool): Named | null { return there ? new Robot() : null; }
export function greet(named: Named, times: i32): string { return named.greet(times); }
export function nameOf(named: Named | null): string { return named ? named.name : "nobody"; }
export function crowd(): Named[] { return [new Robot(), new Puppy(), new Dog("a")]; }
export function names(crowd: Named[]): string { return crowd.map<string>((each) => each.name).join(" "); }
export function holder(): Holder { return new Holder(); }
export class Holder {
  animal: Animal = new Puppy(); named: Named = new Robot(); other: Named | null = null; }
""",
    transform=True,
)


class Named(AscClass):
    name: string

    def rename(self, to: string) -> None: ...
    def greet(self, times: i32) -> string: ...


class Counted(Named):
    count: i32


class Animal(AscClass):
    legs: i32

    def speak(self) -> string: ...
    def weigh(self, extra: f64 = ...) -> f64: ...
    @export("greet")
    def hello(self, times: i32 = ...) -> string: ...
    @property
    def kind(self) -> string: ...
    def same(self, other: "Animal") -> bool: ...


class Dog(Animal, Named):
    def __init__(self, name: string) -> None: ...


class Puppy(Dog, Counted):
    def __init__(self) -> None: ...


class Robot(Named):
    serial: i32

    def __init__(self) -> None: ...


class Holder(AscClass):
    animal: Animal
    named: Named
    other: Named | None

    def __init__(self) -> None: ...


class Zoo(AscModule, wasm=ZOO, classes=[Puppy, Robot]):
    def adopt(self, kind: i32) -> Animal: ...
    def named(self, kind: i32) -> Named: ...
    def defaults(self, animal: Animal) -> string: ...
    def counted(self) -> Counted: ...
    def maybe(self, there: bool) -> Named | None: ...
    def greet(self, named: Named, times: i32) -> string: ...
    def nameOf(self, named: Named | None) -> string: ...
    def crowd(self) -> list[Named]: ...
    def names(self, crowd: list[Named]) -> string: ...
    def holder(self) -> Holder: ...


@pytest.fixture(scope="module")
def zoo() -> Zoo:
    """One instance for all tests of the file."""
    return Zoo()


def test_virtual_methods(zoo: Zoo) -> None:
    """A method that is declared once, on the base, runs the body of the object's class on each of three levels."""
    dog, puppy, wolf = (zoo.adopt(kind) for kind in range(3))
    assert [each.speak() for each in (dog, puppy, wolf)] == ["woof", "yip", "howl"]
    assert [each.weigh(1) for each in (dog, puppy, wolf)] == [22.0, 22.5, 22.0]
    assert [each.kind for each in (dog, puppy, wolf)] == ["dog"] * 3
    assert dog.same(dog)
    assert not dog.same(puppy)


def test_defaults_of_overridden_methods(zoo: Zoo) -> None:
    """An argument that is left out has the default that AssemblyScript takes for it."""
    animals = [zoo.adopt(kind) for kind in range(3)]
    assert [f"{each.weigh()} {each.hello()}" for each in animals] == [zoo.defaults(each) for each in animals]


def test_results_of_abstract_classes(zoo: Zoo) -> None:
    """A result declared as an abstract class comes as its own class, or the nearest that is declared."""
    assert [type(zoo.adopt(kind)) for kind in range(3)] == [Dog, Puppy, Dog]


def test_abstract_classes_are_not_constructed(zoo: Zoo) -> None:
    """Python cannot make an object of an abstract class either."""
    with pytest.raises(DeclarationError, match="Animal: cannot be constructed: it is an abstract class"):
        zoo[Animal]()  # type: ignore[call-arg]  # the point of the test

    class Idea(AscClass):
        def __init__(self) -> None: ...
        def think(self) -> i32: ...

    fix = "remove __init__; objects are of classes that derive from it"
    assert facts(Zoo, Idea) == [("Idea.__init__", "constructor () -> void", "an abstract class", fix)]


def test_inherited_constructor_of_an_abstract_class() -> None:
    """A class whose AssemblyScript class is abstract says so when it inherits a constructor, and is called."""

    class Dog(AscClass):
        def __init__(self, name: string) -> None: ...

    class Animal(AscClass):
        legs: i32

        def __init__(self, name: string) -> None: ...

    class Zoo(AscModule, wasm=ZOO, classes=[Dog]):
        pass

    assert facts(Zoo, Animal)[0][:3] == ("Animal.__init__", "constructor (name: string) -> void", "an abstract class")


def test_interfaces_as_results(zoo: Zoo) -> None:
    """A result declared as an interface is of the object's class; what is not declared is the interface itself."""
    assert [type(zoo.named(kind)) for kind in range(4)] == [Dog, Puppy, Dog, Robot]
    assert type(zoo.counted()) is Puppy
    assert zoo.maybe(False) is None
    assert type(zoo.maybe(True)) is Robot
    assert [type(each) for each in zoo.crowd()] == [Robot, Puppy, Dog]


def test_interfaces_of_undeclared_classes() -> None:
    """With nothing but the interface declared, its members are called on the object, whatever its class."""

    class Zoo(AscModule, wasm=ZOO):
        def named(self, kind: i32) -> Named: ...
        def adopt(self, kind: i32) -> Animal: ...

    zoo = Zoo()
    named = [zoo.named(kind) for kind in range(4)]
    assert {type(each) for each in named} == {Named}
    assert [each.name for each in named] == ["rex", "pup", "w", "robot 12"]
    named[0].rename("max")
    named[3].rename("99")
    assert [each.greet(1) for each in named] == ["max says woof", "pup says yip!", "w says howl", "beep"]
    assert [named[3].name, named[3].greet(2)] == ["robot 99", "beepbeep"]
    assert {type(zoo.adopt(kind)) for kind in range(3)} == {Animal}


def test_interfaces_as_parameters(zoo: Zoo) -> None:
    """An object of any class that implements the interface is an argument for it."""
    dog, robot = zoo[Dog]("rex"), zoo[Robot]()
    assert zoo.greet(dog, 2) == "rex says woof rex says woof"
    assert zoo.greet(robot, 2) == "beepbeep"
    assert zoo.nameOf(zoo[Puppy]()) == "pup"
    assert zoo.nameOf(None) == "nobody"
    assert zoo.names([dog, robot, zoo[Puppy]()]) == "rex robot 12 pup"
    with pytest.raises(TypeError, match=r"Zoo.greet\(named\)"):
        zoo.greet(zoo[Holder](), 1)  # type: ignore[arg-type]  # the point of the test


def test_interfaces_and_abstract_classes_as_fields(zoo: Zoo) -> None:
    """Fields may be of an interface or an abstract class, and are written as well."""
    holder = zoo.holder()
    assert (type(holder.animal), type(holder.named), holder.other) == (Puppy, Robot, None)
    dog = zoo[Dog]("rex")
    holder.animal = holder.named = holder.other = dog
    assert holder.animal is holder.named is holder.other is dog
    holder.other = None
    assert holder.other is None


def test_members_of_interfaces(zoo: Zoo) -> None:
    """A class has its interfaces' members: fields, accessors that stand for them, methods with their defaults."""
    puppy, robot = zoo[Puppy](), zoo[Robot]()
    assert (puppy.name, puppy.count, puppy.legs, puppy.speak()) == ("pup", 7, 4, "yip")
    puppy.count, puppy.legs = 8, 3
    assert (puppy.count, puppy.legs) == (8, 3)
    puppy.rename("p")
    robot.rename("5")
    assert (puppy.name, robot.name, robot.serial) == ("p", "robot 5", 5)
    assert isinstance(puppy, Counted)
    assert isinstance(puppy, Animal)
    assert not isinstance(robot, Animal)


def test_unimplemented_interface() -> None:
    """A class that does not implement the declared interface is told by what it is."""

    class Counted(AscClass):
        count: i32

    class Robot(Counted):
        serial: i32

    fix = "derive it from the class that AssemblyScript derives it from, or from AscClass"
    assert facts(Zoo, Robot) == [("Robot", "a subclass of Counted", "a subclass of Named", fix)]


def test_interface_without_a_class() -> None:
    """An interface that no class implements has no constructor and can be declared all the same."""

    class Lonely(AscClass):
        def nothing(self) -> None: ...

    class Made(AscClass, name="Lonely"):
        def __init__(self) -> None: ...

    zoo = Zoo()
    try:
        zoo[Lonely]
    except BindError as error:
        assert "Lonely.nothing" in str(error)  # noqa: PT017 - asc leaves out the code of what nobody implements
    assert facts(Zoo, Made)[0][2] == "an interface"


def test_lifting_an_object_that_does_not_implement_it(zoo: Zoo) -> None:
    """A pointer to something else, where an object of an interface should be, is an error."""
    holder = zoo.holder()
    zoo.runtime.mem_u32[(holder._asc_ptr + 4) >> 2] = holder._asc_ptr
    with pytest.raises(LiftError, match="Named expected, found Holder"):
        holder.named  # noqa: B018 - reading it is the test


def test_two_classes_as_bases(zoo: Zoo) -> None:
    """A class derives from one class and from interfaces, and not from two classes, as a view of one either."""

    class Both(Dog, Robot):  # pyright: ignore[reportIncompatibleVariableOverride]  # refused here too
        pass

    with pytest.raises((BindError, DeclarationError), match="Both"):
        zoo[Both]
