import type { DeviceId } from "./devices.js";

/** Ends of the queues of devices that take one run at a time, for every runtime of this process. */
const queues = new Map<DeviceId, Promise<unknown>>();

/** Lets work on such a device begin when all earlier work there is through, whoever asked for it. */
export function inTurn<Value>(device: DeviceId, work: () => Promise<Value>): Promise<Value> {
  const turn = (queues.get(device) ?? Promise.resolve()).then(work);
  queues.set(
    device,
    turn.catch(() => undefined),
  );
  return turn;
}
