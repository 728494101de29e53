/** Breaking off what is on its way, so that no later attempt of it reaches somebody. */
import { ActivityFailure, CancellationScope, condition, isCancellation } from '@temporalio/workflow';

/** What `send` brings; undefined where it did not come to its end before `isSo`: what was not sent by then is not sent any more. */
export async function unless<T>(isSo: () => boolean, send: () => Promise<T>): Promise<T | undefined> {
  if (isSo()) return undefined;
  const scope = new CancellationScope();
  let isOver = false;
  void condition(() => isOver || isSo()).then(() => {
    if (!isOver) scope.cancel();
  });
  try {
    return await scope.run(send);
  } catch (error) {
    if (isSo() && (isCancellation(error) || error instanceof ActivityFailure)) return undefined;
    throw error;
  } finally {
    isOver = true;
  }
}
