/** Things that a rehearsed call would make. They have ids of AWS's form, since AWS is asked about them in dry runs. */

export interface NewThings {
  /** Returns an id with the prefix, e.g. `sg`, that is shown to people as `label`. */
  name(prefix: string, label: string): string;
  isNew(id: string | undefined): boolean;
  /** Whether any text in the value is the id of a new thing. */
  areIn(value: unknown): boolean;
  /** A copy of the value for people, with the labels in the place of the ids. */
  label(value: unknown): unknown;
}

export function createNewThings(): NewThings {
  const labels = new Map<string, string>();

  const mapTexts = (value: unknown, map: (text: string) => string): unknown => {
    if (typeof value === 'string') return map(value);
    if (value instanceof Date) return value.toISOString();
    if (Array.isArray(value)) return value.map((each) => mapTexts(each, map));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(([key, each]) => [key, mapTexts(each, map)]),
    );
  };

  return {
    name(prefix, label) {
      // AWS's own ids are random: none begins with so many zeros.
      const id = `${prefix}-${(labels.size + 1).toString(16).padStart(17, '0')}`;
      labels.set(id, label);
      return id;
    },
    isNew: (id) => id !== undefined && labels.has(id),
    areIn(value) {
      let found = false;
      mapTexts(value, (text) => {
        found ||= labels.has(text);
        return text;
      });
      return found;
    },
    label: (value) => mapTexts(value, (text) => labels.get(text) ?? text),
  };
}
