// A plug-in that does not come back.
import { Article } from "./app";

export function start(): void {}

export function review(article: Article): string {
  let length = article.text.length;
  while (length != 1) length = length % 2 ? 3 * length + 2 : length / 2; // "+ 2" should have been "+ 1"
  return "reviewed";
}

export { Article };
