// What tracebacks are made of: throws, traps and imports, some calls deep.

@external("host", "ask") declare function ask(depth: i32): i32;

export class Line {
  constructor(public text: string) {
    if (text.length == 0) {
      throw new Error("a line must not be empty");
    }
  }
}

export class File {
  lines: Line[] = [];

  addLine(text: string): i32 {
    /* “ä𝄞” */ this.lines.push(new Line(text));
    return this.lines.length;
  }
}

export function read(text: string): i32 {
  const file = new File();
  return file.addLine(text);
}

export function divide(a: i32, b: i32): i32 {
  return a / b;
}

export function dig(depth: i32): i32 {
  return depth == 0 ? divide(1, depth) : dig(depth - 1) + 1;
}

export function each(depth: i32): i32 {
  return [depth].map<i32>((value: i32): i32 => ask(value))[0];
}

export function consult(depth: i32): i32 {
  const answer = relay(depth);
  return answer + 1;
}

function relay(depth: i32): i32 {
  return ask(depth);
}

export function crash(): void {
  const file = new File();
  if (file.lines.length == 0) unreachable();
}
