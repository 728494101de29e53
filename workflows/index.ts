export { incident } from './incident/incident';
export { part } from './part';
