// A plug-in that keeps everything.
import { Article } from "./app";

const copies: string[] = [];

export function start(): void {}

export function review(article: Article): string {
  while (copies.length >= 0) copies.push(article.text.repeat(1000));
  return "reviewed";
}

export { Article };
