"""Live collections: Python classes whose objects are AssemblyScript's own arrays, maps, sets and buffers."""
