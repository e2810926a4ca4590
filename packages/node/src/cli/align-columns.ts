/**
 * Pads every column of a text table to its longest cell, to the right as numbers stand, or to the left.
 * @param leftColumns - Indices of the columns that hold words.
 */
export function alignColumns(
  rows: readonly (readonly string[])[],
  leftColumns: readonly number[] = [],
): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const align = (cell: string, column: number) =>
    leftColumns.includes(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
  return rows.map((row) => row.map(align).join("   ").trimEnd());
}
