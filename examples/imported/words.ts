// The module that counting.py imports: wasmbind build words.ts -- -O2

/** In which order words come. */
export enum Order {
  Alphabetical,
  ByCount,
}

/** A word, and how often a text has it. */
export class Word {
  count: i32 = 1;

  constructor(public readonly text: string) {}
}

/** Whether `The` and `the` are two words. */
export let matchCase: bool = false;

/** What stands between words. */
export const SEPARATORS: string = " ,.;:!?\n";

/**
 * The words of a text.
 *
 * @param text any text
 * @param order in which order they come
 */
export function count(text: string, order: Order = Order.ByCount): Word[] {
  const found: Word[] = [];
  const known = new Map<string, Word>();
  const all = split(matchCase ? text : text.toLowerCase());
  for (let i = 0; i < all.length; i++) {
    if (known.has(all[i])) {
      known.get(all[i]).count++;
    } else {
      const word = new Word(all[i]);
      known.set(word.text, word);
      found.push(word);
    }
  }
  if (order == Order.ByCount) return found.sort((a, b) => b.count - a.count);
  return found.sort((a, b) => (a.text < b.text ? -1 : i32(a.text > b.text)));
}

/** The longest of some words, if there is one. */
export function longest(words: Word[]): Word | null {
  let found: Word | null = null;
  for (let i = 0; i < words.length; i++) {
    if (!found || words[i].text.length > found.text.length) found = words[i];
  }
  return found;
}

function split(text: string): string[] {
  const found: string[] = [];
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    if (i < text.length && !SEPARATORS.includes(text.charAt(i))) continue;
    if (i > start) found.push(text.slice(start, i));
    start = i + 1;
  }
  return found;
}
