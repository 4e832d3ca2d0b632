/*
 * The protocol between the runner's process ("core", TypeScript) and the supervisor.
 * packages/core/src/sandbox/protocol.ts holds the same constants; a test compares the two.
 *
 *   frame   = u32 little-endian payload length, payload
 *   payload = records, each `key=value` ended by a NUL; the first record is `type=...`
 *
 * A key may repeat (`arg`, `env`); a value may hold any byte but NUL. Keys that begin with `mount.` belong to the
 * `mount` record before them. Numbers are decimal, sizes bytes, times milliseconds unless the key says otherwise.
 * A request carries `id`, and exactly one `reply` or `error` with the same `id` answers it, not always in order.
 *
 *   core                                   supervisor
 *    │ ── hello ──────────────────────────▶ │   outer namespaces and cgroup base exist already
 *    │ ◀───────────────── reply (features) ─│
 *    │ ── create ─────────────────────────▶ │   connects the worker's sockets, clones the init, which mounts …
 *    │ ◀──────────────── reply (pid of init)│
 *    │ ── limits (optional) ──────────────▶ │   the file is known: its own caps, and its clock starts
 *    │ ── start ──────────────────────────▶ │   the init forks, drops every privilege, executes
 *    │ ◀───────────── reply (pid of worker) │
 *    │ ◀─────── event=limit (first of each) │
 *    │ ◀─────── event=exit (usage, leaks)   │   every process of the sandbox is dead by now
 *    │ ── changes, export (optional) ─────▶ │   the overlay's upper layer is still held open
 *    │ ── destroy ────────────────────────▶ │   cgroup removed, layer dropped
 *    │ ◀───────────────────────────── reply │
 *   EOF on the control socket, in either direction and at any moment, destroys everything.
 */
#ifndef GLOVEBOX_PROTOCOL_H
#define GLOVEBOX_PROTOCOL_H

#define GB_PROTOCOL_VERSION 1
#define GB_CONTROL_FD 3          /* the control socket, inherited by the supervisor */
#define GB_CHANNEL_FD 3          /* the message channel, inherited by a worker */
#define GB_MAX_REQUEST 1048576   /* bytes of payload that the supervisor accepts */
#define GB_MAX_REPLY 67108864    /* bytes of payload that core accepts */
#define GB_MAX_NAME 63           /* bytes of a sandbox name: [A-Za-z0-9_-] */

/* requests */
#define GB_HELLO "hello"
#define GB_CREATE "create"
#define GB_START "start"
#define GB_LIMITS "limits"
#define GB_USAGE "usage"
#define GB_SIGNAL "signal"
#define GB_PAUSE "pause"
#define GB_RESUME "resume"
#define GB_KILL "kill"
#define GB_CHANGES "changes"
#define GB_EXPORT "export"
#define GB_DESTROY "destroy"
#define GB_PROBE "probe"
#define GB_TEMPLATE "template"
#define GB_RETIRE "retire"

/* answers */
#define GB_REPLY "reply"
#define GB_ERROR "error"
#define GB_EVENT "event"

#endif
