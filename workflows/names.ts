/** Names that others can see. They say nothing but the codename. */

/** The task queue of the worker. */
export const TASK_QUEUE = 'incidents';

/** The child of an instance, by its number: an instance's own id would tell what is under attack. */
export function containmentWorkflowId(codename: string, number: number): string {
  return `${codename}-${number}`;
}
