/** What a file says of itself. */
export interface FileDescription {
  readonly name: string;
  readonly producer: { readonly name: string; readonly version: string };
  /** One line for people who open the file in a viewer. */
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
}
