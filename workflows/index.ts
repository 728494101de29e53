export { blockAddress } from './containment/block-address';
export { containIdentity } from './containment/contain-identity';
export { containInstance } from './containment/contain-instance';
export { rehearse } from './containment/rehearse';
export { releaseInstance } from './containment/release-instance';
export { incident } from './incident/incident';
