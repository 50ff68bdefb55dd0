/**
 * The AssemblyScript compiler transform of wasmbind.
 *
 *     asc assembly/index.ts -o index.wasm --transform <path of this file>
 *
 * It exports the members of classes, which asc has not done since 0.20, repairs what a host stumbles over in the
 * runtime, and writes down what the types were: a custom section `wasmbind`, whose format is docs/schema.md. It runs on
 * asc 0.20 to 0.28 without a dependency of its own.
 *
 * What happens when:
 *
 * 1. The constructor runs before anything is parsed. It sets compiler options, and finds out which compiler runs.
 * 2. `afterParse` edits the runtime library, and adds to it.
 * 3. `afterInitialize` waits for the `Compiler` of the program. When it has compiled the program's own exports, before it
 *    settles ids and layouts, an `Exporter` compiles and exports the members of every class that exports lead to.
 * 4. `afterCompile` knows all ids, layouts and values: it writes the schema.
 *
 * Everything here works on the compiler's own objects (`Program`, `Class`, `Signature` ...). The JSDoc types name them
 * as asc's sources do; where versions differ, a comment says how.
 */

const SECTION = "wasmbind";
const FORMAT = "1.0";

/** Separates the names of classes and namespaces from static members, and from instance members. */
const STATIC = ".";
const INSTANCE = "#";

export default class WasmbindTransform {
  /** The members that the author of the program leaves out. */
  #exclusions = new Exclusions(process.env.WASMBIND_SKIP ?? "");
  /** What was done to the runtime, as the schema's `flags`. */
  #flags = {};
  /** @type {Exporter} */
  #exporter;
  /** @type {string[]} */
  #callers;
  /** @type {Asc} */
  #asc;

  constructor() {
    this.#callers = callingFiles();
    // asc puts these on the prototype, where the next compilation in this process replaces them.
    this.program = this.program;
    this.stderr = this.stderr;
    // A host cannot make objects without the runtime, nor call function values without the table.
    this.program.options.exportRuntime = true;
    this.program.options.exportTable = true;
  }

  async afterParse(parser) {
    this.#asc = await findCompiler(this.program, this.#callers);
    this.#flags.pinRepaired = repairPin(this.#asc, this.program);
    this.#flags.finalize = defineFinalize(this.#asc, this.program, parser);
  }

  afterInitialize() {
    if (entriesOf(this.#asc, this.program).some((file) => file.lookupExport("table"))) {
      // Two exports of one name are no module, and asc says nothing of it.
      this.program.options.exportTable = false;
      this.#report("the program exports `table`, so the function table is not exported");
    }
    onCompile(this.#asc.Compiler, this.program, (compiler) => {
      this.#exporter = new Exporter(this.#asc, compiler, this.#exclusions, (line) => this.#report(line));
      this.#exporter.followExports(() => {
        this.#flags.link = exportLink(compiler);
        if (this.#flags.finalize) exportFinalize(compiler);
        visitFunctionGlobals(this.#asc, compiler);
      });
      followOptionals(compiler);
      keepTableOpen(compiler);
    });
  }

  afterCompile(module) {
    this.#flags.stackPointer = exportStackPointer(this.#asc, this.program, module);
    const schema = new SchemaWriter(this.#asc, this.#exporter).write(this.#flags);
    module.addCustomSection(SECTION, new TextEncoder().encode(JSON.stringify(schema)));
  }

  /** Prints a line about the compilation where asc prints its own. */
  #report(line) {
    this.stderr.write(`wasmbind: ${line}\n`);
  }
}

// ---- The running compiler -------------------------------------------------------------------------------------------

/**
 * The compiler's module, `dist/assemblyscript.js`, with its version and the internal paths of the standard library's
 * files added, and with the names of its enums in lower case.
 *
 * @typedef {typeof import("assemblyscript") & {version: string, library: Set<string>}} Asc
 */

/** Returns the files of the functions that are being called, from the innermost. */
function callingFiles() {
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = Infinity;
    Error.prepareStackTrace = (_error, callSites) => callSites.map((site) => site.getFileName());
    return new Error().stack.filter((file) => typeof file === "string");
  } finally {
    Object.assign(Error, { prepareStackTrace, stackTraceLimit });
  }
}

/**
 * Returns the compiler that made a program.
 *
 * `import "assemblyscript"` would be resolved from where this file lies, and give another copy of the compiler, or
 * none. But the copy that runs is among the callers of our constructor.
 *
 * @param {Program} program
 * @param {string[]} callers
 * @returns {Promise<Asc>}
 */
async function findCompiler(program, callers) {
  for (const file of new Set(callers)) {
    if (!/\basc(\.\w+)?\.js$/.test(file)) continue;
    const frontend = file.startsWith("file:") ? file : new URL(file, "file:").href;
    const compiler = await import(new URL("./assemblyscript.js", frontend)).catch(() => null);
    if (compiler && program instanceof compiler.Program) return describeCompiler(compiler, await import(frontend));
  }
  throw new Error("wasmbind: the running AssemblyScript compiler was not found among the callers of the transform");
}

/** @returns {Asc} */
function describeCompiler(compiler, { version, libraryFiles }) {
  const enums = ["CommonFlags", "ConstantValueKind", "DecoratorFlags", "DiagnosticCategory", "ElementKind", "Feature"];
  enums.push("ExpressionId", "OperatorKind", "ReportMode", "RuntimeFeatures", "SourceKind");
  return {
    ...compiler,
    ...Object.fromEntries(enums.map((name) => [name, enumByLowerName(compiler[name])])),
    version,
    library: new Set(Object.keys(libraryFiles).map((path) => `~lib/${path}`)),
  };
}

/** Returns an enum with lower-case names: `classprototype` was CLASS_PROTOTYPE until 0.21, now it is ClassPrototype. */
function enumByLowerName(values) {
  const names = Object.keys(values).filter((name) => typeof values[name] === "number");
  return Object.fromEntries(names.map((name) => [name.toLowerCase().replaceAll("_", ""), values[name]]));
}

/** The programs that wait to be compiled, by `Compiler`. A process may hold several of both. */
const waiting = new Map();

/**
 * Calls back with the `Compiler` of a program when that begins to compile.
 *
 * A compiler is made inside asc, where nobody is told. So `Compiler.prototype.compile` is replaced, until the last
 * program that waits has reached it; nothing stays replaced while a program is compiled, whether it fails or not.
 *
 * @param {Function} Compiler
 * @param {Program} program
 * @param {(compiler: Compiler) => void} callback
 */
function onCompile(Compiler, program, callback) {
  let callbacks = waiting.get(Compiler);
  if (!callbacks) {
    waiting.set(Compiler, (callbacks = new Map()));
    const { compile } = Compiler.prototype;
    Compiler.prototype.compile = function () {
      const start = callbacks.get(this.program);
      callbacks.delete(this.program);
      if (callbacks.size === 0) {
        waiting.delete(Compiler);
        Compiler.prototype.compile = compile;
      }
      start?.(this);
      return compile.call(this);
    };
  }
  callbacks.set(program, callback);
}

// ---- Source text ----------------------------------------------------------------------------------------------------

/** What may stand between a comment and the name of what it is about. */
const MODIFIERS = new Set([
  ...["abstract", "async", "class", "const", "declare", "default", "enum", "export", "function", "get", "interface"],
  ...["let", "namespace", "override", "private", "protected", "public", "readonly", "set", "static", "type", "var"],
]);

/**
 * Yields the comments directly above a declaration, from the nearest.
 *
 * The syntax tree has no comments, so the text is read backwards from the name, over modifiers and decorators. A
 * comment belongs to the declaration if no blank line parts them, and nothing but white space precedes it on its line:
 * else it says something about the code before it.
 *
 * @param {DeclarationStatement} declaration
 */
function* commentsAbove(declaration) {
  const { text } = declaration.name.range.source;
  const decorators = new Map((declaration.decorators ?? []).map(({ range: { start, end } }) => [end, start]));
  const endOfCode = (position) => text.slice(0, position).trimEnd().length;
  const startOfLine = (position) => text.lastIndexOf("\n", position - 1) + 1;
  for (let position = declaration.name.range.start; ; ) {
    const end = endOfCode(position);
    const gap = text.slice(end, position);
    if (/\n\s*\n/.test(gap)) return;
    const [word] = /[\w$]*$/.exec(text.slice(startOfLine(end), end));
    if (decorators.has(end)) {
      position = decorators.get(end);
    } else if (MODIFIERS.has(word)) {
      position = end - word.length;
    } else {
      const isBlock = text.startsWith("*/", end - 2);
      position = isBlock ? text.lastIndexOf("/*", end) : end - text.slice(startOfLine(end), end).trimStart().length;
      const isAlone = endOfCode(position) <= startOfLine(position);
      if (!/^\/[/*]/.test(text.slice(position, end)) || (!isAlone && gap.includes("\n"))) return;
      yield text.slice(position, end);
    }
  }
}

/** Returns the text of the doc comment of a declaration, without its stars. */
function docComment(declaration) {
  for (const comment of commentsAbove(declaration)) {
    if (!/^\/\*\*[^]/.test(comment)) continue;
    const lines = comment.slice(3, -2).split("\n");
    return lines.map((line) => line.replace(/^\s*\* ?/, "").trimEnd()).join("\n").trim() || undefined;
  }
  return undefined;
}

/** Returns `file:line` of a declaration. */
function location({ name: { range } }) {
  return `${range.source.normalizedPath}:${range.source.lineAt(range.start)}`;
}

/** What is left out: by `@wasmbindSkip` in a comment above a class or member, or by its name in `WASMBIND_SKIP`. */
class Exclusions {
  #names;
  #unused;

  /** @param {string} names export names, separated by commas */
  constructor(names) {
    this.#names = new Set(splitNames(names));
    this.#unused = new Set(this.#names);
  }

  /** The names that nothing has had so far. */
  get unused() {
    return [...this.#unused];
  }

  /**
   * Tells whether a class or member is left out.
   *
   * @param {DeclarationStatement} declaration
   * @param {string[]} names by which it can be left out
   */
  has(declaration, ...names) {
    const named = names.filter((name) => this.#names.has(name));
    for (const name of named) this.#unused.delete(name);
    return named.length > 0 || [...commentsAbove(declaration)].some((comment) => /@wasmbindSkip\b/.test(comment));
  }
}

/** Splits at commas, but not at those between type arguments. */
function splitNames(text) {
  const names = [""];
  let depth = 0;
  for (const [part] of text.matchAll(/=>|[^]/g)) {
    if (part === "," && depth === 0) names.push("");
    else names[names.length - 1] += part;
    depth += { "<": 1, ">": -1 }[part] ?? 0;
  }
  return names.map((name) => name.trim()).filter(Boolean);
}

/** Returns the entry files of a program. */
function entriesOf(asc, program) {
  return [...program.filesByName.values()].filter(({ source }) => source.sourceKind === asc.SourceKind.userentry);
}

// ---- What exports lead to -------------------------------------------------------------------------------------------

/**
 * The members of the standard library's classes that are exported where the class is merely reached. They are few,
 * because programs reach many collections; what a host does not find here, it does in memory.
 */
const REACHED_LIBRARY_MEMBERS = {
  "~lib/array/Array": ["length", "push", "pop"],
  "~lib/map/Map": ["constructor", "size", "has", "get", "set", "delete", "clear", "keys", "values"],
  "~lib/set/Set": ["constructor", "size", "has", "add", "delete", "clear", "values"],
};

/**
 * Those that are exported where a class of the program is derived from it: a host calls them on objects of that class.
 * Only what compiles for every element type, references that cannot be null among them. `__get` and `__set` are private
 * to the library, which calls them by their operators.
 */
const INHERITED_LIBRARY_MEMBERS = {
  ...REACHED_LIBRARY_MEMBERS,
  "~lib/array/Array": [
    ...["length", "push", "pop", "shift", "unshift", "slice", "indexOf", "lastIndexOf", "includes", "reverse"],
    ...["concat", "__get", "__set"],
  ],
  "~lib/error/Error": ["toString"],
};

/**
 * A class that exports lead to, and what was found on it.
 *
 * @typedef {object} ReachedClass
 * @property {Class} element
 * @property {string[]} names by which it is exported
 * @property {string} reason why it is reached, for messages
 * @property {"excluded" | "nested" | undefined} leftOut why all of its members are left out
 * @property {Set<string> | null} allowed the members to export of a class of the standard library
 * @property {Function | null} constructor
 * @property {FunctionMember[]} methods
 * @property {PropertyMember[]} properties
 * @property {FieldMember[]} fields
 * @property {GlobalMember[]} statics
 *
 * @typedef {{name: string, instance: Function, isStatic: boolean, access?: string}} FunctionMember
 * @typedef {{name: string, get?: Function | null, set?: Function | null, isStatic: boolean}} PropertyMember
 * @typedef {{name: string, field: Property | Field}} FieldMember
 * @typedef {{name: string, global: Global}} GlobalMember
 */

/** Finds everything that the exports of a program lead to, and exports the members of its classes. */
class Exporter {
  /** @type {Map<Class, ReachedClass>} */
  classes = new Map();
  /** @type {Map<ClassPrototype, string>} the names by which generic classes are exported */
  templates = new Map();
  /** @type {Map<Enum, string[]>} with the names by which they are exported */
  enums = new Map();
  /** @type {Map<string, Function>} */
  functions = new Map();
  /** @type {Map<string, Global>} */
  globals = new Map();
  /** @type {Record<string, "excluded" | "generic" | "nested">} by the export name that a member would have */
  skipped = {};
  /** @type {Set<Class>} the classes that the program has without us */
  #own = new Set();
  /** @type {ReachedClass[]} those whose members have not been looked at */
  #queue = [];
  /** @type {Set<Signature>} */
  #signatures = new Set();
  /** How many stubs and classes there were when overrides were last compiled. */
  #settled = "";

  /**
   * @param {Asc} asc
   * @param {Compiler} compiler
   * @param {Exclusions} exclusions
   * @param {(line: string) => void} report
   */
  constructor(asc, compiler, exclusions, report) {
    this.asc = asc;
    this.compiler = compiler;
    this.program = compiler.program;
    this.exclusions = exclusions;
    this.report = report;
    this.hasMutableGlobals = hasMutableGlobals(asc, compiler.program);
  }

  /**
   * Follows the compiler through the exports of the entry files, then exports members.
   *
   * The methods are replaced on this one compiler, not on its class.
   *
   * @param {() => void} before is called before members are exported
   */
  followExports(before) {
    const { compiler } = this;
    const { compileModuleExports, compileModuleExport } = compiler;
    const entries = entriesOf(this.asc, this.program);
    let depth = 0; // a file's own exports come first, then those of files that it re-exports
    compiler.compileModuleExports = (file) => {
      depth += 1;
      compileModuleExports.call(compiler, file);
      depth -= 1;
      if (depth > 0 || file !== entries.at(-1)) return;
      before();
      this.#exportMembers();
    };
    compiler.compileModuleExport = (name, element, prefix = "") => {
      this.#followExport(prefix + name, element, () => compileModuleExport.call(compiler, name, element, prefix));
    };
  }

  /**
   * Notes what the program exports, and lets the compiler export it.
   *
   * Classes, interfaces and namespaces do not get there: it would only warn that they cannot be exported (AS235).
   */
  #followExport(name, element, compile) {
    const { ElementKind, CommonFlags } = this.asc;
    const isNew = !this.compiler.module.hasExport(name);
    switch (element.kind) {
      case ElementKind.classprototype:
      case ElementKind.interfaceprototype:
        if (element.is(CommonFlags.generic)) this.#exportTemplate(name, element);
        else this.#exportClass(name, element);
        return;
      case ElementKind.namespace:
        for (const [memberName, member] of element.members ?? []) {
          if (member.is(CommonFlags.export)) this.compiler.compileModuleExport(memberName, member, name + STATIC);
        }
        return;
    }
    compile();
    switch (element.kind) {
      case ElementKind.functionprototype:
        if (element.is(CommonFlags.generic)) this.skipped[name] = "generic";
        return;
      case ElementKind.function:
        if (isNew) this.functions.set(name, element);
        this.#reachSignature(element.signature, name, element.declaration.signature, element.parent);
        return;
      case ElementKind.global:
        if (isNew) this.globals.set(name, element);
        this.#reachType(element.type, name, element.typeNode, element.parent);
        return;
      case ElementKind.enum:
        this.#reachEnum(element, name);
        return;
    }
  }

  #exportClass(name, prototype) {
    const { report, swallow } = this.asc.ReportMode;
    const mode = this.exclusions.has(prototype.declaration, name) ? swallow : report;
    const reason = `${name} is exported`;
    const element = this.#attribute(name, prototype.declaration, reason, () =>
      this.program.resolver.resolveClass(prototype, null, new Map(), mode),
    );
    if (!element) return;
    const { names } = this.#reach(element, reason);
    // Two files may export a class of one name, by two entries or by `export *`. The first has it, as with functions.
    const isTaken = [...this.classes.values()].some((reached) => reached.names.includes(name));
    if (!isTaken) names.push(name);
  }

  /** Notes the name of a generic class, whose instances have none of their own. */
  #exportTemplate(name, prototype) {
    const isTaken = [...this.templates.values()].includes(name);
    if (!isTaken && !this.templates.has(prototype)) this.templates.set(prototype, name);
  }

  /** Exports the members of all classes that exports lead to, and of those that these lead to in turn. */
  #exportMembers() {
    const { compiler, program } = this;
    // What is called by the program itself comes first, so that errors in it are not blamed on exporting it.
    this.#settleOverrides();
    // With its table exported the module is open, or newer versions of Binaryen would empty what only a host calls.
    compiler.module.setClosedWorld?.(false);
    // Of several names, the first is the one with the fewest namespaces.
    const depth = (name) => name.split(STATIC).length;
    for (const names of [...[...this.classes.values()].map((reached) => reached.names), ...this.enums.values()]) {
      names.sort((a, b) => depth(a) - depth(b));
    }
    this.#ensureRootArray();
    this.#own = new Set(this.program.managedClasses.values());
    do {
      for (let reached; (reached = this.#queue.shift()); ) this.#exportClassMembers(reached);
      this.#reachImports();
      this.#reachSubclasses();
    } while (this.#queue.length > 0);
    for (const element of this.enums.keys()) compiler.compileEnum(element); // for its values
    for (const name of this.exclusions.unused) {
      this.report(`${name}, which is to be left out, is no member of any class`);
    }
  }

  /** Reaches the classes that a host sees because it implements what the module imports. */
  #reachImports() {
    for (const [module, elements] of this.program.moduleImports) {
      for (const [name, element] of elements) {
        const user = `the import ${module}.${name}`;
        if (element.kind === this.asc.ElementKind.function) {
          this.#reachSignature(element.signature, user, element.declaration.signature, element.parent);
        } else {
          this.#reachType(element.type, user, element.typeNode, element.parent);
        }
      }
    }
  }

  /** Reaches the classes of which there may be objects where an export promises their base class or interface. */
  #reachSubclasses() {
    for (const element of this.program.managedClasses.values()) {
      if (this.classes.has(element)) continue;
      const parents = [element.base, ...(element.interfaces ?? [])];
      // Since 0.24 everything is an Object, which says nothing.
      const parent = parents.find((each) => this.classes.has(each) && each.internalName !== "~lib/object/Object");
      if (parent) this.#reach(element, `it is a kind of ${this.nameOf(parent)}`);
    }
  }

  /** @returns {ReachedClass} */
  #reach(element, reason) {
    let reached = this.classes.get(element);
    if (!reached) {
      reached = { element, names: [], reason, leftOut: undefined, constructor: null };
      Object.assign(reached, { methods: [], properties: [], fields: [], statics: [] });
      this.classes.set(element, reached);
      this.#queue.push(reached);
    }
    return reached;
  }

  #reachEnum(element, exportName) {
    if (!this.enums.has(element)) this.enums.set(element, []);
    if (exportName) this.enums.get(element).push(exportName);
  }

  /**
   * @param {Type | null} type
   * @param {string} user what leads to it
   * @param {TypeNode} [node] where the source names it
   * @param {Element} [scope] of the node
   */
  #reachType(type, user, node, scope) {
    const element = type?.classReference;
    const signature = type?.signatureReference;
    if (element) this.#reach(element, `${user} leads to ${element.internalName}`);
    if (signature) {
      const { functionPrototype, resolver } = this.program;
      this.#reach(resolver.resolveClass(functionPrototype, [signature.type]), `${user} has a function value`);
      this.#reachSignature(signature, user, isFunctionType(node) ? node : undefined, scope);
    }
    const enumeration = scope && namedEnum(this.asc, node, scope);
    if (enumeration) this.#reachEnum(enumeration);
  }

  /** @param {FunctionTypeNode} [node] where the source names the types */
  #reachSignature(signature, user, node, scope) {
    if (!node && this.#signatures.has(signature)) return;
    this.#signatures.add(signature);
    for (const [index, type] of signature.parameterTypes.entries()) {
      this.#reachType(type, user, node?.parameters[index]?.type, scope);
    }
    this.#reachType(signature.returnType, user, node?.returnType, scope);
    this.#reachType(signature.thisType, user);
  }

  /**
   * Guarantees an array of references, which wasmbind holds the objects in that Python uses.
   *
   * A host finds its id in the run-time type information, by its flags.
   */
  #ensureRootArray() {
    const { managedClasses, resolver, staticArrayPrototype, stringInstance } = this.program;
    const isRootArray = ({ prototype, typeArguments }) =>
      prototype === staticArrayPrototype && typeArguments[0].isManaged;
    if ([...managedClasses.values()].some(isRootArray)) return;
    resolver.resolveClass(staticArrayPrototype, [stringInstance.type.asNullable()]);
  }

  // -- Members

  /** The name that stands before the names of a class's members. */
  nameOf(element) {
    return this.classes.get(element)?.names[0] ?? element.internalName;
  }

  isInterface(element) {
    return element.kind === this.asc.ElementKind.interface;
  }

  /** Tells whether a class is of asc's own library; the packages that a program installs are not. */
  isLibrary({ prototype }) {
    return this.asc.library.has(prototype.declaration.range.source.internalPath);
  }

  /** Returns `"private"` or `"protected"` for what AssemblyScript hides. */
  accessOf(element) {
    if (element.is(this.asc.CommonFlags.private)) return "private";
    return element.is(this.asc.CommonFlags.protected) ? "protected" : undefined;
  }

  isReadonly(element) {
    return element.is(this.asc.CommonFlags.readonly);
  }

  isConstant(global) {
    const { CommonFlags } = this.asc;
    return global.is(CommonFlags.const) || global.is(CommonFlags.static | CommonFlags.readonly);
  }

  /** Finds, compiles and exports the members of one class. @param {ReachedClass} reached */
  #exportClassMembers(reached) {
    const { CommonFlags } = this.asc;
    const { element } = reached;
    const name = this.nameOf(element);
    if (element.base) this.#reach(element.base, `${name} is derived from it`);
    for (const each of element.interfaces ?? []) this.#reach(each, `${name} implements it`);
    for (const type of element.typeArguments ?? []) this.#reachType(type, name);
    const isLibrary = this.isLibrary(element);
    if (!isLibrary) reached.leftOut = this.#reasonToLeaveOut(element, name);
    reached.allowed = isLibrary ? this.#libraryMembers(element) : null;
    if (!this.isInterface(element) && !element.is(CommonFlags.abstract)) this.#exportConstructor(reached);
    for (const member of element.members?.values() ?? []) {
      if (member.parent === element) this.#exportMember(reached, member, INSTANCE); // the others are inherited
    }
    if (isLibrary) return;
    for (const member of element.prototype.members?.values() ?? []) this.#exportMember(reached, member, STATIC);
  }

  /**
   * Tells whether the author leaves out a member, and remembers it.
   *
   * @param {ReachedClass} reached
   * @param {string} name the export name that it would have
   * @param {DeclarationStatement} declaration
   * @param {string[]} otherNames that stand for it too: `File#size` for `File#get:size`
   */
  #excludes(reached, name, declaration, ...otherNames) {
    const reason = this.exclusions.has(declaration, name, ...otherNames) ? "excluded" : reached.leftOut;
    if (reason) this.skipped[name] = reason;
    return Boolean(reason);
  }

  /**
   * Returns why all members of a class are left out, or undefined.
   *
   * asc compiles the members of a generic class that are called. Here all are, and where one is a `List<List<T>>` of a
   * `List<T>`, there would be no end: so classes that the program itself does not have are followed to some depth only.
   */
  #reasonToLeaveOut(element, name) {
    if (this.exclusions.has(element.prototype.declaration, name)) return "excluded";
    return !this.#own.has(element) && nesting(element.typeArguments) > DEEPEST ? "nested" : undefined;
  }

  /** Returns the names of the members to export of a class of the standard library. */
  #libraryMembers(element) {
    const isBase = [...this.program.managedClasses.values()].some(
      (derived) => derived.base === element && !this.isLibrary(derived),
    );
    const members = isBase ? INHERITED_LIBRARY_MEMBERS : REACHED_LIBRARY_MEMBERS;
    return new Set(members[element.prototype.internalName]);
  }

  /** @param {ReachedClass} reached */
  #exportConstructor(reached) {
    const { element, allowed } = reached;
    if (allowed && !allowed.has("constructor")) return;
    const prefix = this.nameOf(element);
    const name = `${prefix}${INSTANCE}constructor`;
    const own = element.prototype.constructorPrototype;
    if (own && this.accessOf(own)) {
      reached.constructor = element.constructorInstance;
      return;
    }
    const { declaration } = own ?? element.prototype;
    if (this.#excludes(reached, name, declaration)) return;
    this.#attribute(name, declaration, reached.reason, () => {
      const instance = this.compiler.ensureConstructor(element, element.prototype.declaration); // implicit ones too
      if (this.#exportFunction(name, instance)) reached.constructor = instance;
    });
  }

  /**
   * @param {ReachedClass} reached
   * @param {DeclaredElement} member
   * @param {"#" | "."} separator
   */
  #exportMember(reached, member, separator) {
    const { CommonFlags, ElementKind } = this.asc;
    if (member.name === "constructor") return;
    if (separator === STATIC && !member.is(CommonFlags.static)) {
      // It belongs to a namespace of the same name as the class.
      const isExported = reached.names.length > 0 && member.is(CommonFlags.export);
      if (isExported) this.compiler.compileModuleExport(member.name, member, this.nameOf(reached.element) + STATIC);
      return;
    }
    switch (member.kind) {
      case ElementKind.functionprototype:
        this.#exportMethod(reached, member, separator);
        break;
      case ElementKind.field: // until 0.22
        this.#exportField(reached, member);
        break;
      case ElementKind.propertyprototype: {
        const property = this.program.resolver.resolveProperty(member);
        if (property?.isField) this.#exportField(reached, property);
        else if (property) this.#exportProperty(reached, property, separator);
        break;
      }
      case ElementKind.global:
        this.#exportStatic(reached, member);
        break;
    }
  }

  /** @param {ReachedClass} reached */
  #exportMethod(reached, prototype, separator) {
    const { CommonFlags, DecoratorFlags } = this.asc;
    const { element, allowed } = reached;
    const { name, declaration } = prototype;
    if ((allowed && !allowed.has(name)) || prototype.hasDecorator(DecoratorFlags.builtin)) return;
    const exportName = this.nameOf(element) + separator + name;
    const access = allowed ? undefined : this.accessOf(prototype);
    if (prototype.is(CommonFlags.generic)) {
      if (!access) this.skipped[exportName] = "generic";
      return;
    }
    if (!access && this.#excludes(reached, exportName, declaration)) return;
    this.#attribute(exportName, declaration, reached.reason, () => {
      const instance = this.program.resolver.resolveFunction(prototype, null);
      if (!instance || (!access && !this.#exportFunction(exportName, instance))) return;
      reached.methods.push({ name, instance, isStatic: separator === STATIC, access });
    });
  }

  /** @param {ReachedClass} reached */
  #exportProperty(reached, property, separator) {
    const { element, allowed } = reached;
    const { name } = property;
    if (allowed && !allowed.has(name)) return;
    const prefix = this.nameOf(element) + separator;
    const accessors = { get: property.getterInstance, set: property.setterInstance };
    const isVisible = (accessor) => accessor && (allowed || !this.accessOf(accessor));
    const visible = Object.keys(accessors).filter((word) => isVisible(accessors[word]));
    // Of a property that is hidden altogether both accessors are told, else those that are exported.
    const told = visible.length === 0 ? accessors : {};
    for (const word of visible) {
      const exportName = `${prefix}${word}:${name}`;
      const accessor = accessors[word];
      if (this.#excludes(reached, exportName, accessor.declaration, prefix + name)) continue;
      this.#attribute(exportName, accessor.declaration, reached.reason, () => {
        if (this.#exportFunction(exportName, accessor)) told[word] = accessor;
      });
    }
    if (told.get || told.set) reached.properties.push({ name, isStatic: separator === STATIC, ...told });
  }

  /** @param {ReachedClass} reached */
  #exportField(reached, field) {
    const { element, allowed } = reached;
    const { name } = field;
    const prefix = this.nameOf(element) + INSTANCE;
    const access = this.accessOf(field);
    if (allowed && access) return;
    reached.fields.push({ name, field });
    this.#reachType(field.type, prefix + name, field.typeNode, element);
    if (allowed || access) return; // readable in memory by its offset
    const declaration = field.prototype.fieldDeclaration ?? field.declaration;
    for (const word of this.isReadonly(field) ? ["get"] : ["get", "set"]) {
      const exportName = `${prefix}${word}:${name}`;
      if (this.#excludes(reached, exportName, declaration, prefix + name)) continue;
      this.#attribute(exportName, declaration, reached.reason, () => this.#exportFieldAccessor(exportName, field, word));
    }
  }

  #exportFieldAccessor(exportName, field, word) {
    const { compiler } = this;
    if (field.prototype.fieldDeclaration) {
      this.#exportFunction(exportName, word === "get" ? field.getterInstance : field.setterInstance);
      return;
    }
    // Until 0.22 accessors of fields are no functions of the program, but made by the compiler for a field.
    const managed = [field.parent.type, field.type].flatMap((type, index) => (type.isManaged ? [index] : []));
    if (word === "get") {
      compiler.compileFieldGetter(field);
      this.#addExport(exportName, field.internalGetterName, managed.filter((index) => index === 0));
    } else {
      compiler.compileFieldSetter(field);
      this.#addExport(exportName, field.internalSetterName, managed);
    }
  }

  /** @param {ReachedClass} reached */
  #exportStatic(reached, global) {
    const { compiler } = this;
    const { CommonFlags } = this.asc;
    const { name, declaration } = global;
    const className = this.nameOf(reached.element);
    const exportName = className + STATIC + name;
    const access = this.accessOf(global);
    if (!access && !this.isConstant(global) && !this.hasMutableGlobals) return;
    if (!access && this.#excludes(reached, exportName, declaration)) return;
    this.#attribute(exportName, declaration, reached.reason, () => {
      if (!compiler.compileGlobal(global)) return;
      this.#reachType(global.type, exportName, global.typeNode, reached.element);
      const isGlobal = !global.is(CommonFlags.inlined); // else it is its value alone
      if (!access && isGlobal) compiler.module.addGlobalExport(global.internalName, exportName);
      reached.statics.push({ name, global });
    });
  }

  // -- Functions

  /**
   * Compiles and exports a function of a class; returns whether it could be compiled.
   *
   * @param {string} name
   * @param {Function} instance
   */
  #exportFunction(name, instance) {
    const { signature } = instance;
    this.#reachSignature(signature, name, instance.declaration.signature, instance.parent);
    if (!this.compiler.compileFunction(instance)) return false;
    this.#addExport(name, this.#entryPoint(instance).internalName, signature.getManagedOperandIndices());
    this.#settleOverrides();
    return true;
  }

  /**
   * Returns the function to call in place of another from outside, where neither the class of the object nor the number
   * of arguments is known to the compiler.
   */
  #entryPoint(instance) {
    const { CommonFlags, RuntimeFeatures } = this.asc;
    const { compiler } = this;
    if (canOmitArguments(instance)) {
      compiler.runtimeFeatures |= RuntimeFeatures.setargumentslength;
      return compiler.ensureVarargsStub(instance); // which calls the override stub where there is one
    }
    const isVirtual = instance.is(CommonFlags.overridden ?? CommonFlags.virtual); // renamed in 0.23
    if (!isVirtual) return instance;
    return compiler.ensureOverrideStub?.(instance) ?? compiler.ensureVirtualStub(instance);
  }

  /**
   * @param {string} name
   * @param {string} internalName
   * @param {number[]} managedOperands indices of the operands that the shadow stack has to hold during the call
   */
  #addExport(name, internalName, managedOperands) {
    const { module, shadowStack } = this.compiler;
    if (module.hasExport(name)) return;
    module.addFunctionExport(internalName, name);
    this.compiler.hasCustomFunctionExports = true;
    shadowStack.noteExport(name, managedOperands);
  }

  /**
   * Compiles the overrides that override stubs will call, as the compiler does at its end.
   *
   * It is done early because they may bring classes into being, whose members are to be exported too.
   */
  #settleOverrides() {
    const { compiler } = this;
    const { resolver, managedClasses } = this.program;
    const stubs = compiler.overrideStubs ?? compiler.virtualStubs; // renamed in 0.23
    const overridesOf = resolver.resolveOverrides ?? resolver.resolveOverloads;
    for (let now; (now = `${stubs.size} ${managedClasses.size}`) !== this.#settled; ) {
      this.#settled = now;
      for (const stub of stubs) {
        for (const override of overridesOf.call(resolver, stub) ?? []) compiler.compileFunction(override);
      }
    }
  }

  /**
   * Compiles a member, and explains the errors that come of it.
   *
   * asc compiles only what is called, so a program that compiles without the transform may fail with it.
   *
   * @param {string} name
   * @param {DeclarationStatement} declaration
   * @param {string} reason why it is compiled
   * @template T
   * @param {() => T} compile
   */
  #attribute(name, declaration, reason, compile) {
    const { diagnostics } = this.program;
    const before = diagnostics.length;
    const { error } = this.asc.DiagnosticCategory;
    const failed = () => diagnostics.slice(before).some(({ category }) => category === error);
    let finished = false;
    try {
      const result = compile();
      finished = true;
      return result;
    } finally {
      if (!finished || failed()) {
        this.report(
          `${name} (${location(declaration)}) is compiled because ${reason}, though nothing calls it; ` +
            `to leave it out, write // @wasmbindSkip above it, or build with --skip '${name}'`,
        );
      }
    }
  }
}

/**
 * Tells whether a call of a member from outside may leave out arguments.
 *
 * asc can only fill in initialisers. Interfaces need none (`name?: T`), and rest parameters have none.
 *
 * @param {Function} instance
 */
function canOmitArguments({ signature: { requiredParameters, parameterTypes }, declaration }) {
  const optional = declaration.signature.parameters.slice(requiredParameters);
  return requiredParameters < parameterTypes.length && optional.every(({ initializer }) => initializer);
}

/** How deep the type arguments of a class may be nested that is there for the sake of exports alone. */
const DEEPEST = 3;

/** Returns how deep types are nested: 1 for `i32`, 2 for `Box<i32>` and for `(a: i32) => void`. @param {Type[]} types */
function nesting(types) {
  const partsOf = ({ classReference, signatureReference: signature }) =>
    signature ? [...signature.parameterTypes, signature.returnType] : classReference?.typeArguments;
  return types ? 1 + Math.max(0, ...types.map((type) => nesting(partsOf(type)))) : 0;
}

/** Tells whether a type in the source is that of a function, such as `(a: i32) => void`. */
function isFunctionType(node) {
  return Boolean(node?.parameters && node.returnType);
}

/**
 * Returns the enum that a type in the source names, by way of type aliases too.
 *
 * @param {Asc} asc
 * @param {TypeNode | null | undefined} node
 * @param {Element} scope
 */
function namedEnum({ ElementKind }, node, scope) {
  for (let name = node?.name; name?.identifier; ) {
    let element = scope.lookup(name.identifier.text, true);
    for (let part = name.next; part; part = part.next) element = element?.getMember(part.identifier.text);
    if (element?.kind === ElementKind.enum) return element;
    if (element?.kind !== ElementKind.typedefinition) return null;
    name = element.typeNode.name;
    scope = element.parent;
  }
  return null;
}

// ---- The schema -----------------------------------------------------------------------------------------------------

/** AssemblyScript's names of operators, by those of asc's `OperatorKind`. */
const OPERATORS = {
  ...{ indexedget: "[]", indexedset: "[]=", uncheckedindexedget: "{}", uncheckedindexedset: "{}=" },
  ...{ add: "+", sub: "-", mul: "*", div: "/", rem: "%", pow: "**" },
  ...{ bitwiseand: "&", bitwiseor: "|", bitwisexor: "^", bitwiseshl: "<<", bitwiseshr: ">>", bitwiseshru: ">>>" },
  ...{ eq: "==", ne: "!=", gt: ">", ge: ">=", lt: "<", le: "<=" },
  ...{ plus: "prefix +", minus: "prefix -", not: "prefix !", bitwisenot: "prefix ~" },
  ...{ prefixinc: "prefix ++", prefixdec: "prefix --", postfixinc: "postfix ++", postfixdec: "postfix --" },
};

/** Returns an object without what is false, empty or missing; null stays, and so do 0 and texts. */
function compact(object) {
  const isUsual = (value) =>
    value === false || value === undefined || (typeof value === "object" && value && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(object).filter(([, value]) => !isUsual(value)));
}

/**
 * Returns the value of a constant or enum value, or undefined if the start function computes it.
 *
 * @param {Asc} asc
 * @param {Module} module
 * @param {Global | EnumValue} element
 * @returns {number | boolean | string | undefined}
 */
function constantValue(asc, module, element) {
  const type = element.type.toString();
  const value = element.type.isReference ? undefined : rawValue(asc, module, element);
  if (value === undefined) return undefined;
  if (type === "bool") return value !== 0n;
  if (type === "f32" || type === "f64") return Number.isFinite(value) && !Object.is(value, -0) ? value : textOf(value);
  const bits = element.type.size;
  const integer = element.type.isUnsignedIntegerValue ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);
  return bits === 64 ? integer.toString() : Number(integer);
}

/** Returns a number that JSON cannot write as text: "NaN", "Infinity", "-Infinity" or "-0". */
function textOf(number) {
  return Object.is(number, -0) ? "-0" : String(number);
}

/** @returns {bigint | number | undefined} a number for floating point, a bigint for integers */
function rawValue(asc, module, element) {
  // The constants that are inlined have their value; the others are globals of the module already.
  const { integer, float } = asc.ConstantValueKind;
  if (element.constantValueKind === integer) return BigInt(element.constantIntegerValue.toString());
  if (element.constantValueKind === float) return element.constantFloatValue;
  const global = module.getGlobal(element.internalName);
  if (!global || asc.isGlobalMutable(global)) return undefined;
  const init = asc.getGlobalInit(global);
  if (asc.getExpressionId(init) !== asc.ExpressionId.const) return undefined;
  switch (element.type.toString()) {
    case "f32":
      return asc.getConstValueF32(init);
    case "f64":
      return asc.getConstValueF64(init);
    case "v128":
      return undefined;
  }
  if (element.type.size < 64) return BigInt(asc.getConstValueI32(init));
  return (BigInt(asc.getConstValueI64High(init)) << 32n) | BigInt(asc.getConstValueI64Low(init) >>> 0);
}

/** Writes what an `Exporter` found as docs/schema.md says. */
class SchemaWriter {
  #asc;
  #exporter;
  #program;
  /** @type {Map<string, number>} the index of each type, by its JSON */
  #types = new Map();
  /** @type {Map<Class, number>} */
  #classes = new Map();
  /** @type {Map<Enum, number>} */
  #enums = new Map();

  /**
   * @param {Asc} asc
   * @param {Exporter} exporter
   */
  constructor(asc, exporter) {
    this.#asc = asc;
    this.#exporter = exporter;
    this.#program = exporter.program;
  }

  write(flags) {
    const { functions, globals, skipped } = this.#exporter;
    for (const element of this.#program.managedClasses.values()) this.#classIndex(element);
    for (const element of this.#exporter.classes.keys()) this.#classIndex(element);
    for (const element of this.#exporter.enums.keys()) this.#enums.set(element, this.#enums.size);
    // asc's own exports need no initialisers to leave out arguments: it would have refused them.
    const parts = {
      functions: [...functions].map(([name, each]) => ({ name, ...this.#function(each, true) })),
      globals: [...globals].map(([name, each]) => this.#global(name, each)),
      enums: [...this.#enums.keys()].map((each) => this.#enum(each)),
      imports: this.#imports(),
    };
    // A class may mention one that is not listed yet: the map grows while it is gone through.
    const classes = [];
    for (const element of this.#classes.keys()) classes.push(this.#class(element));
    return compact({
      version: FORMAT,
      asc: this.#asc.version,
      runtime: this.#runtime(),
      features: this.#features(),
      flags: compact(flags),
      types: [...this.#types.keys()].map((json) => JSON.parse(json)),
      classes,
      ...parts,
      skipped,
    });
  }

  #runtime() {
    for (const { normalizedPath } of this.#program.sources) {
      const match = /^~lib\/rt\/index-(\w+)\.ts$/.exec(normalizedPath);
      if (match) return match[1];
    }
    return "custom";
  }

  #features() {
    const { Feature, featureToString } = this.#asc;
    const isFlag = (feature) => typeof feature === "number" && feature > 0 && (feature & (feature - 1)) === 0;
    const enabled = [...new Set(Object.values(Feature))].filter(
      (feature) => isFlag(feature) && this.#program.options.hasFeature(feature),
    );
    return enabled.sort((a, b) => a - b).map(featureToString);
  }

  // -- Types

  #classIndex(element) {
    if (!this.#classes.has(element)) this.#classes.set(element, this.#classes.size);
    return this.#classes.get(element);
  }

  #intern(entry) {
    const json = JSON.stringify(entry);
    if (!this.#types.has(json)) this.#types.set(json, this.#types.size);
    return this.#types.get(json);
  }

  /**
   * Returns the index of a type, or undefined for void.
   *
   * @param {Type} type
   * @param {TypeNode | null} [node] where the source names it
   * @param {Element} [scope] of the node
   */
  #type(type, node, scope) {
    const name = type.toString();
    if (name === "void") return undefined;
    const enumeration = scope && !type.isReference && namedEnum(this.#asc, node, scope);
    // A hidden member may name one that nothing public leads to.
    if (this.#enums.has(enumeration)) return this.#intern({ enum: this.#enums.get(enumeration) });
    const nullable = type.isNullableReference;
    const { classReference: element, signatureReference: signature } = type;
    if (element) return this.#intern(compact({ class: this.#classIndex(element), nullable }));
    if (signature) return this.#intern(this.#functionType(signature, nullable, node, scope));
    return this.#intern(name.replace(/^ref_(\w+) \| null$/, "$1ref").replace(/ \| null$/, ""));
  }

  #functionType(signature, nullable, node, scope) {
    const names = isFunctionType(node) ? node : null;
    const parameters = signature.parameterTypes;
    return compact({
      function: {
        params: parameters.map((type, index) => this.#type(type, names?.parameters[index]?.type, scope)),
        ...compact({ returns: this.#type(signature.returnType, names?.returnType, scope) }),
        ...(signature.thisType && { this: this.#type(signature.thisType) }),
      },
      class: this.#functionClass(signature),
      nullable,
    });
  }

  /** Returns the index of the class of the function objects of a signature, if the program has one. */
  #functionClass(signature) {
    const instances = this.#program.functionPrototype.instances?.values() ?? [];
    const isOf = ({ typeArguments }) => typeArguments[0].signatureReference?.toString() === signature.toString();
    const element = [...instances].find(isOf);
    return element && this.#classIndex(element);
  }

  // -- Classes

  #class(element) {
    const { CommonFlags, DecoratorFlags } = this.#asc;
    const reached = this.#exporter.classes.get(element);
    const unmanaged = element.hasDecorator(DecoratorFlags.unmanaged);
    const isInterface = this.#exporter.isInterface(element);
    return compact({
      internal: element.internalName,
      export: reached?.names[0],
      aliases: reached?.names.slice(1),
      kind: isInterface ? "interface" : undefined,
      id: unmanaged ? undefined : element.id,
      base: element.base ? this.#classIndex(element.base) : undefined,
      implements: reached && [...(element.interfaces ?? [])].map((each) => this.#classIndex(each)),
      size: isInterface ? undefined : element.nextMemoryOffset,
      abstract: element.is(CommonFlags.abstract),
      final: element.hasDecorator(DecoratorFlags.final),
      unmanaged,
      generic: element.typeArguments ? element.prototype.internalName : undefined,
      genericExport: this.#exporter.templates.get(element.prototype),
      arguments: element.typeArguments?.map((type) => this.#type(type)),
      ...(reached && this.#members(reached)),
    });
  }

  /** @param {ReachedClass} reached */
  #members(reached) {
    const { element, constructor } = reached;
    const fields = [...reached.fields].sort((a, b) => a.field.memoryOffset - b.field.memoryOffset);
    return {
      fields: fields.map((each) => this.#field(each, element)),
      constructor: constructor ? this.#constructorOf(constructor) : undefined,
      methods: reached.methods.map((each) => this.#method(each)),
      properties: reached.properties.map((each) => this.#property(each)),
      statics: reached.statics.map(({ name, global }) => this.#global(name, global)),
      operators: this.#operators(reached),
      doc: this.#exporter.isLibrary(element) ? undefined : docComment(element.prototype.declaration),
    };
  }

  /** @param {FieldMember} member */
  #field({ name, field }, scope) {
    const declaration = field.prototype.fieldDeclaration ?? field.declaration;
    return compact({
      name,
      type: this.#type(field.type, field.typeNode, scope),
      offset: field.memoryOffset,
      readonly: this.#exporter.isReadonly(field),
      access: this.#exporter.accessOf(field),
      default: declaration.initializer?.range.toString(),
      doc: docComment(declaration),
    });
  }

  #constructorOf(instance) {
    // An implicit constructor has the declaration of its base class's, which documents another class.
    const own = instance.parent.prototype.constructorPrototype;
    const doc = own ? docComment(own.declaration) : undefined;
    // The parameters stay even where there are none: an empty object would be left out.
    return { params: this.#parameters(instance), ...compact({ access: this.#exporter.accessOf(instance), doc }) };
  }

  /** @param {FunctionMember} member */
  #method({ name, instance, isStatic, access }) {
    const { doc, ...types } = this.#function(instance);
    return compact({ name, ...types, static: isStatic, access, doc });
  }

  /** @param {PropertyMember} member */
  #property({ name, get, set, isStatic }) {
    const { declaration, parent, signature } = get ?? set;
    const [type, node] = get
      ? [signature.returnType, declaration.signature.returnType]
      : [signature.parameterTypes[0], declaration.signature.parameters[0].type];
    return compact({
      name,
      type: this.#type(type, node, parent),
      get: Boolean(get),
      set: Boolean(set),
      static: isStatic,
      access: this.#exporter.accessOf(get ?? set),
      doc: docComment(declaration) ?? docComment((set ?? get).declaration),
    });
  }

  /** @param {ReachedClass} reached */
  #operators({ element, methods }) {
    const exported = new Set(methods.filter(({ access }) => !access).map(({ name }) => name));
    const overloads = element.operatorOverloads ?? element.overloads; // renamed in 0.23
    const methodOf = (kind) => overloads?.get(this.#asc.OperatorKind[kind])?.prototype.name;
    const names = Object.entries(OPERATORS).map(([kind, operator]) => [operator, methodOf(kind)]);
    return Object.fromEntries(names.filter(([, name]) => exported.has(name)));
  }

  // -- Functions, globals, enums and imports

  /** @param {Function} instance */
  #function(instance, areOptional) {
    const { signature, declaration, parent } = instance;
    const { returnType } = declaration.signature;
    return compact({
      params: this.#parameters(instance, areOptional),
      returns:
        returnType?.name?.identifier?.text === "this"
          ? this.#intern("this")
          : this.#type(signature.returnType, returnType, parent),
      doc: docComment(declaration),
    });
  }

  #parameters(instance, areOptional = canOmitArguments(instance)) {
    const { signature, declaration, parent } = instance;
    const nodes = declaration.signature.parameters;
    return signature.parameterTypes.map((type, index) => {
      const parameter = [instance.getParameterName(index), this.#type(type, nodes[index]?.type, parent)];
      if (!areOptional || index < signature.requiredParameters) return parameter;
      const { initializer } = nodes[index];
      return initializer ? [...parameter, initializer.range.toString()] : [...parameter, "[]", "rest"];
    });
  }

  #global(name, global) {
    const isConst = this.#exporter.isConstant(global);
    return compact({
      name,
      type: this.#type(global.type, global.typeNode, global.parent),
      const: isConst,
      ...(isConst && { value: this.#value(global) }),
      access: this.#exporter.accessOf(global),
      doc: docComment(global.declaration),
    });
  }

  #value(element) {
    return constantValue(this.#asc, this.#exporter.compiler.module, element);
  }

  #enum(element) {
    const values = [...element.members.values()].filter(({ kind }) => kind === this.#asc.ElementKind.enumvalue);
    return {
      internal: element.internalName,
      ...compact({ export: this.#exporter.enums.get(element)[0], const: element.is(this.#asc.CommonFlags.const) }),
      values: Object.fromEntries(values.map((each) => [each.name, this.#value(each) ?? null])),
      ...compact({ doc: docComment(element.declaration) }),
    };
  }

  #imports() {
    const imports = [];
    for (const [module, elements] of this.#program.moduleImports) {
      for (const [name, element] of elements) {
        if (element.kind === this.#asc.ElementKind.function) {
          const { params = [], returns } = this.#function(element, false); // the program passes all arguments
          imports.push({ module, name, params, ...compact({ returns }) });
        } else {
          imports.push({ module, name, type: this.#type(element.type, element.typeNode, element.parent) });
        }
      }
    }
    return imports;
  }
}

// ---- The runtime ----------------------------------------------------------------------------------------------------

/** Tells whether globals that can be assigned may be exported, which `--disable mutable-globals` forbids. */
function hasMutableGlobals(asc, program) {
  return program.options.hasFeature(asc.Feature.mutableglobals);
}

/** Returns a source of the program by its path, if it is part of it. */
function findSource(program, path) {
  return program.sources.find(({ normalizedPath }) => normalizedPath === path);
}

/**
 * Repairs `__pin` of the incremental runtime, and returns whether `__pin` is sound.
 *
 * While the collector marks, it stands on an object, `iter`. `__pin` takes an object out of the list that is walked; if
 * it is that one, the walk goes on in the list of pinned objects and never ends. `makeGray` in the same file steps back
 * first, and so does `__pin` with the line that is added here.
 *
 * The file is parsed again as a whole: in a source map the line then has its place, and those below it theirs.
 *
 * @param {Asc} asc
 * @param {Program} program
 */
function repairPin(asc, program) {
  const path = "~lib/rt/itcms.ts";
  const source = findSource(program, path);
  if (!source) return Boolean(findSource(program, "~lib/rt/tcms.ts") ?? findSource(program, "~lib/rt/stub.ts"));
  const pin = source.statements.find((statement) => statement.name?.text === "__pin")?.range.toString() ?? "";
  if (/\biter\b/.test(pin)) return true; // repaired by asc itself
  const repaired = pin.replace(/^( *)obj\.unlink\(\)/m, "$1if (obj == iter) iter = assert(obj.prev);\n$&");
  if (repaired === pin) return false;
  const parser = new asc.Parser(program.diagnostics, []);
  parser.parseFile(source.text.replace(pin, () => repaired), path, false);
  program.sources[program.sources.indexOf(source)] = parser.sources[0];
  return true;
}

const FINALIZE_PATH = "~lib/wasmbind/finalize";

/** The runtimes call `__finalize`, if a program has one, with each object that they are about to free. */
const FINALIZE_SOURCE = `
/** 0, or the address of one byte for each run-time id: not 0 for the classes whose dead objects are reported. */
let watched: usize = 0;
/** The address of the list of dead objects, three words for each. */
export let __finalized: usize = 0;
/** The number of objects in the list, which the host sets back to 0. */
export let __finalized_count: i32 = 0;
/** The number of objects that the list has room for. */
let capacity: i32 = 0;

/** Sets what to watch. asc 0.20 would optimise a global that only a host sets into a constant. */
export function __watch(flags: usize): void {
  watched = flags;
}

// @ts-ignore: decorator
@global
export function __finalize(ptr: usize): void {
  if (!watched) return;
  const id = load<u32>(ptr - 8);
  if (!load<u8>(watched + id)) return;
  if (__finalized_count == capacity) {
    capacity = max(64, 2 * capacity);
    // Memory of its own, not a managed array: this is called in the midst of a collection.
    __finalized = __finalized ? heap.realloc(__finalized, 12 * capacity) : heap.alloc(12 * capacity);
  }
  const entry = __finalized + 12 * __finalized_count++;
  store<u32>(entry, <u32>ptr);
  store<u32>(entry, id, 4);
  store<u32>(entry, load<u32>(ptr), 8);
}
`;

/**
 * Defines `__finalize`, unless the program does, or its runtime frees nothing; returns whether it did.
 *
 * @param {Asc} asc
 * @param {Program} program
 * @param {Parser} parser
 */
function defineFinalize(asc, program, parser) {
  const frees = findSource(program, "~lib/rt/itcms.ts") ?? findSource(program, "~lib/rt/tcms.ts");
  const isFinalize = ({ name, decorators }) =>
    name?.text === "__finalize" && decorators?.some((decorator) => decorator.name.text === "global");
  const isDefined = program.sources.some(({ statements }) => statements.some(isFinalize));
  if (!frees || isDefined || !hasMutableGlobals(asc, program)) return false;
  parser.parseFile(FINALIZE_SOURCE, `${FINALIZE_PATH}.ts`, false);
  return true;
}

/** Exports the function and the globals through which dead objects are reported. @param {Compiler} compiler */
function exportFinalize(compiler) {
  const { module, program } = compiler;
  const elementOf = (name) => program.elementsByName.get(`${FINALIZE_PATH}/${name}`);
  for (const name of ["watched", "capacity", "__finalized", "__finalized_count"]) compiler.compileGlobal(elementOf(name));
  for (const name of ["__finalized", "__finalized_count"]) module.addGlobalExport(elementOf(name).internalName, name);
  const watch = program.resolver.resolveFunction(elementOf("__watch"), null);
  compiler.compileFunction(watch);
  module.addFunctionExport(watch.internalName, "__watch");
}

/**
 * Lets the collector visit globals that hold function values.
 *
 * The compiler leaves them out, for the functions of a program are static. But a host's are objects on the heap. What
 * compiles the visitor goes through the program's elements and asks each global for the class of its type; so each
 * gets a twin that answers for functions.
 *
 * @param {Asc} asc
 * @param {Compiler} compiler
 */
function visitFunctionGlobals(asc, compiler) {
  const { program } = compiler;
  const { elementsByName } = program;
  const managed = program.stringInstance.type; // any class will do: an object knows its own
  for (const [name, element] of [...elementsByName]) {
    if (element.kind !== asc.ElementKind.global) continue;
    const type = { get: () => (element.type.signatureReference ? managed : asc.Type.void) };
    elementsByName.set(`${name}~visited`, Object.create(element, { type }));
  }
}

/** The bit of `RuntimeFeatures` that makes the compiler export `__setArgumentsLength`. */
const SET_ARGUMENTS_LENGTH = 1 << 6;

/**
 * Lets a host announce the number of arguments wherever a function of the program wants to know it.
 *
 * By itself the compiler exports that for exported functions with optional parameters. But such a function may also be
 * a function value, and traps if the number is not announced.
 *
 * @param {Compiler} compiler
 */
function followOptionals(compiler) {
  const { ensureVarargsStub } = compiler;
  compiler.ensureVarargsStub = (original) => {
    compiler.runtimeFeatures |= SET_ARGUMENTS_LENGTH;
    return ensureVarargsStub.call(compiler, original);
  };
}

/**
 * Keeps an optimisation away from modules with function values.
 *
 * GUFA, a pass of Binaryen that asc runs from 0.21 and -O3 on, takes it (before asc 0.28) that only the module itself
 * calls functions in its table, and that no others get there. But the table is exported for a host to do both.
 *
 * @param {Compiler} compiler
 */
function keepTableOpen({ functionTable, module, program }) {
  const hasFunctions = () => functionTable.length > 0 || program.functionPrototype.instances?.size > 0;
  const { runPasses } = module;
  module.runPasses = (passes, ...others) => {
    const kept = hasFunctions() ? passes.filter((pass) => !pass.startsWith("gufa")) : passes;
    return runPasses.call(module, kept, ...others);
  };
}

/** Exports the write barrier, which `--exportRuntime` leaves out. @param {Compiler} compiler */
function exportLink(compiler) {
  const { linkInstance } = compiler.program;
  if (!compiler.compileFunction(linkInstance)) return false;
  if (!compiler.module.hasExport("__link")) compiler.module.addFunctionExport(linkInstance.internalName, "__link");
  return true;
}

/** Exports the shadow stack's pointer, where there is such a stack: a host restores it after a throw. */
function exportStackPointer(asc, program, module) {
  if (program.options.stackSize <= 0 || !hasMutableGlobals(asc, program)) return false;
  module.addGlobalExport("~lib/memory/__stack_pointer", "__stack_pointer");
  return true;
}
