// What an older asc, which exports constructors and methods, is measured with.

export class Counter {
  value: i32;

  constructor(start: i32) {
    this.value = start;
  }

  increase(by: i32): i32 {
    return (this.value += by);
  }
}
