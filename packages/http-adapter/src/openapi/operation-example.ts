/** What a reader of the documentation sees of one operation, and a test sends. */
export interface OperationExample {
  /** Values of the path and the query, by name. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** A JSON body; for a form, its text fields, and the name of a file as `file`. */
  readonly request?: unknown;
  /** The answer on success. */
  readonly response?: unknown;
}

export type OperationExamples = Readonly<Record<string, OperationExample>>;
