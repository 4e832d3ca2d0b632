// @ts-check
/** What answers on the host, and addresses that belong to the machine. */
/** @import { Act, Targets } from '../types.js' */
import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { native } from '../perform.mjs'

/** @param {(targets: Targets) => import('node:net').NetConnectOpts} where */
function reach(where) {
  return (/** @type {Targets} */ targets) =>
    new Promise((resolve, reject) => {
      const socket = connect(where(targets))
      socket.once('connect', () => {
        socket.destroy()
        resolve(undefined)
      })
      socket.once('error', reject)
    })
}

const families = { packet: [17, 3, 0], 'raw ICMP': [2, 3, 1] }

/** @type {Act[]} */
export const sockets = [
  {
    name: "connect to the host's loopback",
    act: reach(({ tcp }) => ({ host: '127.0.0.1', port: tcp })),
    refused: /^ECONNREFUSED/,
  },
  {
    name: "connect to the host's IPv6 loopback",
    act: reach(({ tcp }) => ({ host: '::1', port: tcp })),
    control: reach(({ tcp }) => ({ host: '127.0.0.1', port: tcp })),
    refused: /^ECONNREFUSED/,
  },
  {
    name: "get an answer from a UDP port of the host's loopback",
    act: ({ udp }) =>
      new Promise((resolve, reject) => {
        const socket = createSocket('udp4')
        socket.once('message', () => {
          socket.close()
          resolve(undefined)
        })
        socket.once('error', reject)
        socket.connect(udp, '127.0.0.1', () => socket.send('?'))
      }),
    refused: /^ECONNREFUSED/,
  },
  {
    name: 'reach another machine',
    act: reach(() => ({ host: '192.0.2.1', port: 9 })),
    control: ({ tcp }) => reach(() => ({ host: '127.0.0.1', port: tcp }))(/** @type {Targets} */ ({})),
    refused: /^ENETUNREACH/,
  },
  {
    name: 'connect to an abstract socket of the host',
    act: reach(({ abstract }) => ({ path: `\0${abstract}` })),
    refused: /^ECONNREFUSED/,
  },
  {
    name: 'connect to a socket below /tmp',
    act: reach((targets) => ({ path: targets.sockets.temporary })),
    refused: /^ENOENT/,
  },
  .../** @type {const} */ (['agent', 'dbus', 'docker']).map((service) => ({
    name: `connect to the socket of a service (${service})`,
    act: reach((targets) => ({ path: targets.sockets[service] })),
    refused: /^(ENOENT|ECONNREFUSED|EACCES|ENOTDIR|ENOTSOCK)/,
  })),
  ...Object.entries(families).map(([family, numbers]) => ({
    name: `open a ${family} socket`,
    act: (/** @type {Targets} */ { helper }) => native(helper, 'socket', ...numbers),
    refused: /^EPERM/,
    controlledBy: /** @type {const} */ ('root'),
  })),
  {
    name: 'open a vsock socket, which belongs to the machine and not to a network namespace',
    act: ({ helper }) => native(helper, 'socket', 40, 1),
    refused: /^EAFNOSUPPORT/,
    missing: /^EAFNOSUPPORT/,
  },
  {
    name: 'change a network interface through netlink',
    act: ({ helper }) => native(helper, 'netlink-change'),
    refused: /^EPERM/,
    controlledBy: 'root',
  },
  {
    name: 'be told of all processes of the machine through netlink',
    act: ({ helper }) => native(helper, 'netlink-processes'),
    refused: /^(ECONNREFUSED|EPROTONOSUPPORT|EPERM)/,
    missing: /^EPROTONOSUPPORT/,
    controlledBy: 'root',
  },
  {
    name: "be told of the kernel's audit log through netlink",
    act: ({ helper }) => native(helper, 'netlink-audit'),
    refused: /^(EPROTONOSUPPORT|EPERM)/,
    missing: /^EPROTONOSUPPORT/,
    controlledBy: 'root',
  },
  {
    name: 'change a network interface',
    act: ({ helper }) => native(helper, 'interface'),
    refused: /^EPERM/,
    controlledBy: 'root',
  },
]
