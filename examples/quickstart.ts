// The module that quickstart.py binds.

export class Line {
  s: string;
  constructor(s: string) {
    this.s = s;
  }
}

export class File {
  lines: Line[] = [];
  size: i32 = 0;

  addLine(line: Line): f64 {
    this.lines.push(line);
    this.size += line.s.length;
    return this.lines.length;
  }

  get longest(): Line | null {
    let found: Line | null = null;
    for (let i = 0; i < this.lines.length; i++) {
      if (!found || this.lines[i].s.length > found.s.length) found = this.lines[i];
    }
    return found;
  }
}

export function helloworld(name: string): string {
  return "hello, " + name;
}
