/** The fenced code blocks of one language in a Markdown text, in order. */
export function codeBlocks(markdown: string, language: string): string[] {
  const blocks: string[] = [];
  let block: string[] | undefined;
  for (const line of markdown.split("\n")) {
    if (block === undefined) {
      if (line.trim() === `\`\`\`${language}`) block = [];
    } else if (line.trim() === "```") {
      blocks.push(block.join("\n"));
      block = undefined;
    } else block.push(line);
  }
  return blocks;
}
