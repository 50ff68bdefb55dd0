// What the newsroom offers to plug-ins, and asks of them.

/** Explains a word, or null if the newsroom does not know it. */
// @ts-ignore: decorator
@external("app", "lookup")
export declare function lookup(word: string): string | null;

/** Has the newsroom pass every paragraph through a filter. */
// @ts-ignore: decorator
@external("app", "onParagraph")
export declare function onParagraph(filter: (text: string, number: i32) => string): void;

export class Article {
  tags: string[] = [];

  constructor(public title: string, public text: string) {}
}
