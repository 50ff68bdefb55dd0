// A plug-in with a bug: it takes for granted that every paragraph has a second word.
import { Article, onParagraph } from "./app";

class Emphasis {
  constructor(private words: string[]) {}

  of(index: i32): string {
    if (index >= this.words.length) throw new RangeError(`there is no word ${index}`);
    return this.words[index].toUpperCase();
  }
}

function shout(text: string, number: i32): string {
  const words = text.split(" ");
  words[1] = new Emphasis(words).of(1);
  return words.join(" ");
}

export function start(): void {
  onParagraph(shout);
}

export function review(article: Article): string {
  return article.title.toUpperCase();
}

export { Article };
