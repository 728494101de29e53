/** Memory. */
import type { Capture, MemoryCapture } from '../../activities/containment';
import type { MemorySettings, Target } from './clients';

export function captureMemory(
  target: Target,
  captured: Capture,
  codename: string,
  settings: MemorySettings | undefined,
): Promise<MemoryCapture> {
  return Promise.reject(
    new Error(`not built yet ${target.id}${captured.vpcId}${codename}${settings?.document}`),
  );
}
