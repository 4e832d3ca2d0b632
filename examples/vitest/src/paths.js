// Where Courier keeps things: fixed places, as services have that were written for one machine.
export const port = 4710
export const stateDirectory = '/tmp/courier'
export const parcelsFile = `${stateDirectory}/parcels.jsonl`
export const printerLock = `${stateDirectory}/printer.pid`
export const printerSocket = `${stateDirectory}/printer.sock`
export const imageDirectory = '/dev/shm/courier-images'
export const pidFile = (daemon) => `${stateDirectory}/${daemon}.daemon`
