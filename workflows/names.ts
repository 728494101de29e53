/**
 * Names that others can see: whoever reaches the Temporal server or its database reads them in the clear. They say nothing
 * but the codename. What a part, a step or a message is about stands in its sealed payload.
 */

/** The task queue of the worker. */
export const TASK_QUEUE = 'incidents';

/** The workflow of an incident: the exported function's name. */
export const INCIDENT_WORKFLOW = 'incident';

/** Everything that an incident has done beside it is of one type, which is given what it is to be. */
export const PART_WORKFLOW = 'part';

/** Every activity is of one type, which is given its name. */
export const STEP_ACTIVITY = 'step';

/** A part of an incident, by its number: an instance's own id would tell what is under attack. */
export function partWorkflowId(codename: string, number: number): string {
  return `${codename}-${number}`;
}
