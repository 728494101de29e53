export { containInstance } from './contain-instance/contain-instance';
export { incident } from './incident/incident';
