/**
 * The one search attribute. Its names and values are in the clear in Temporal's database, so it only tells whether an
 * incident still wants something. It must be registered on the namespace: an unregistered one would block the workflow for
 * ever, so it is set by the start request, which fails with a clear message instead.
 */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

export const phaseKey = defineSearchAttributeKey('IncidentPhase', SearchAttributeType.KEYWORD);

export type PublicPhase = 'open' | 'ended';
