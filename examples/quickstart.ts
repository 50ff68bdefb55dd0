// The module that quickstart.py binds: wasmbind build quickstart.ts -- -O2

/** A line of text. */
export class Line {
  constructor(public s: string) {}
}

/** Lines under a name. */
export class File {
  lines: Line[] = [];
  size: i32 = 0;

  constructor(public name: string, public readonly limit: i32 = 80) {}

  /** Appends a line and returns how many there are. */
  addLine(line: Line): f64 {
    if (line.s.length > this.limit) throw new RangeError("the line is longer than " + this.limit.toString());
    this.size += line.s.length;
    return this.lines.push(line);
  }

  get longest(): Line | null {
    let found: Line | null = null;
    for (let i = 0; i < this.lines.length; i++) {
      if (!found || this.lines[i].s.length > found.s.length) found = this.lines[i];
    }
    return found;
  }

  @operator("+")
  static concat(a: File, b: File): File {
    const made = new File(a.name + "+" + b.name, a.limit);
    for (let i = 0; i < a.lines.length; i++) made.addLine(a.lines[i]);
    for (let i = 0; i < b.lines.length; i++) made.addLine(b.lines[i]);
    return made;
  }
}

/** A map that hosts can construct. */
export class Index extends Map<string, i32> {}

/** The number of times that each word occurs. */
export function count(text: string): Index {
  const found = new Index();
  const words = text.split(" ");
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    found.set(word, found.has(word) ? found.get(word) + 1 : 1);
  }
  return found;
}

export function helloworld(name: string): string {
  return "hello, " + name;
}
