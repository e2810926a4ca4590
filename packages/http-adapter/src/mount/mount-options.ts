/** What every mount can be told. */
export interface MountOptions {
  /** Path under which the API lies in the application, for example `/vision`. Default: what the framework says. */
  readonly path?: string;
}
