// What the binary of nearest_words exports. The doc comments become docstrings in src/nearest_words/_declarations.py.

/** A word that is spelled much like the one that was looked up. */
export class Match {
  constructor(
    public readonly word: string,
    /** How many letters have to be inserted, deleted or replaced to get there. */
    public readonly distance: i32,
    /** How often the word was added. */
    public readonly count: i32,
  ) {}
}

/** How many letters have to be inserted, deleted or replaced to make one word the other. */
export function distance(one: string, other: string): i32 {
  let row = new StaticArray<i32>(other.length + 1);
  for (let j = 0; j <= other.length; j++) row[j] = j;
  for (let i = 1; i <= one.length; i++) {
    let above = row[0];
    row[0] = i;
    for (let j = 1; j <= other.length; j++) {
      const replaced = above + i32(one.charCodeAt(i - 1) != other.charCodeAt(j - 1));
      above = row[j];
      row[j] = min(replaced, min(above, row[j - 1]) + 1);
    }
  }
  return row[other.length];
}

/** A word in the tree, whose children are told apart by their distance from it. */
class Node {
  count: i32 = 1;
  children: Map<i32, Node> = new Map();
  constructor(public word: string) {}
}

/** Words that are found again by others like them. */
export class Vocabulary {
  private root: Node | null = null;

  /** How many different words there are. */
  size: i32 = 0;

  /** Adds a word, and returns how often it was added by now. */
  add(word: string): i32 {
    if (!word.length) throw new RangeError("a word has at least one letter");
    let node = this.root;
    if (!node) this.root = new Node(word);
    while (node) {
      const far = distance(word, node.word);
      if (!far) return ++node.count;
      if (node.children.has(far)) {
        node = node.children.get(far);
      } else {
        node.children.set(far, new Node(word));
        break;
      }
    }
    this.size++;
    return 1;
  }

  /** Adds many words at once. */
  extend(words: string[]): void {
    for (let i = 0; i < words.length; i++) this.add(words[i]);
  }

  /** The words up to a distance from a word: the nearest first, then the most frequent. */
  nearest(word: string, most: i32 = 2): Match[] {
    const found: Match[] = [];
    const waiting: Node[] = [];
    if (this.root) waiting.push(this.root!);
    while (waiting.length) {
      const node = waiting.pop();
      const far = distance(word, node.word);
      if (far <= most) found.push(new Match(node.word, far, node.count));
      // By the triangle inequality nothing that is near enough lies below other children.
      const keys = node.children.keys();
      for (let i = 0; i < keys.length; i++) {
        if (abs(keys[i] - far) <= most) waiting.push(node.children.get(keys[i]));
      }
    }
    return found.sort((a, b) => {
      if (a.distance != b.distance) return a.distance - b.distance;
      if (a.count != b.count) return b.count - a.count;
      return a.word < b.word ? -1 : 1;
    });
  }
}
