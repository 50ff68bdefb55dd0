"""What a module without declarations is to a type checker: members are anything, `as_=T` gives a T."""

from typing import Any, assert_type

from wasmbind import (
    Array,
    AscClass,
    AscObject,
    Float64Array,
    Module,
    OpaqueValue,
    auto_resolve,
    i32,
    string,
    wrap_opaque,
)


class File(AscClass):
    size: i32


def uses(handle: AscObject) -> None:
    """Everything that a `Module` has."""
    with Module(
        "files.wasm", value_handler=auto_resolve, class_registry={"getFile": File, "File": {"a": str}}
    ) as module:
        assert_type(module.helloworld("x", as_=str), Any)
        assert_type(module.File(3).size, Any)
        module.level += 1
        module.File.count = 3
        assert_type(module["Map<string,i32>"], Any)
        assert_type(module.resolve(3), Any)
        assert_type(module.resolve(3, as_=str), str)
        assert_type(module.resolve(3, str), str)
        assert_type(module.resolve(3, as_=list[str]), list[str])
        assert_type(module.resolve(3, as_=dict[str, int]), dict[str, int])
        assert_type(module.resolve(3, as_=File), File)
        assert_type(module.resolve(3, as_=File).size, int)
        assert_type(module.resolve(3, as_=OpaqueValue), Any)
        assert_type(module.resolve(3, as_="list[File]"), Any)
        module.resolve(3, as_=string).upper()
        assert_type(module.resolve(3, as_=Float64Array), Float64Array)
        assert_type(module.resolve(3, as_=module.File), Any)
        assert_type(handle.as_(str), str)
        assert_type(handle.as_(File), File)
        assert_type(handle.as_("File"), Any)
        assert_type(handle.native(), Any)
        assert_type(module.get_pointer(handle), int)
        assert_type(module.retain(handle), int)
        module.release(3)
        assert_type(module.get_type_of(handle).id, int)
        assert_type(module.get_type_of(3).base_id, int | None)
        assert_type(module.alloc_array(3, [1, 2])[0], Any)
        module.alloc_array(None, (str(number) for number in range(3)))
        assert_type(module.register_opaque_value({"x": 1}), OpaqueValue)
        assert_type(module.register_opaque_value({"x": 1}).id, int)
    Module(b"", value_handler=wrap_opaque, class_registry={"words": Array[string]})
    Module("files.wasm", value_handler=None)
