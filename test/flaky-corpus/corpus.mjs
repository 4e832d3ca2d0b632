// @ts-check
/** What is planted in which file of `vitest/planted`: the dimensions that count as its cause, and the usual name of the flaw. */

const timing = ['cpu', 'event-loop']

/** @type {Record<string, { causes: readonly string[], flaw: string }>} */
export const planted = {
  'async-wait': { causes: timing, flaw: 'async wait' },
  'race-with-timeout': { causes: timing, flaw: 'race' },
  'upper-bound': { causes: timing, flaw: 'time bound' },
  ticks: { causes: timing, flaw: 'event-loop starvation' },
  heartbeat: { causes: timing, flaw: 'event-loop starvation' },
  'order-of-timers': { causes: timing, flaw: 'race' },
  'unawaited-promise': { causes: timing, flaw: 'unawaited promise' },
  'polls-too-few-times': { causes: timing, flaw: 'async wait' },
  'next-month': { causes: ['date'], flaw: 'date' },
  'same-day-next-year': { causes: ['date'], flaw: 'date' },
  'expired-fixture': { causes: ['date'], flaw: 'date' },
  tomorrow: { causes: ['date'], flaw: 'date' },
  'midnight-utc': { causes: ['time-zone'], flaw: 'time zone' },
  offset: { causes: ['time-zone'], flaw: 'time zone' },
  'local-string': { causes: ['time-zone'], flaw: 'time zone' },
  thousands: { causes: ['locale'], flaw: 'locale' },
  'short-date': { causes: ['locale'], flaw: 'locale' },
  'upper-case': { causes: ['locale'], flaw: 'locale' },
  variable: { causes: ['environment'], flaw: 'environment' },
  'ci-switch': { causes: ['environment'], flaw: 'environment' },
  'shell-variable': { causes: ['environment'], flaw: 'environment' },
  hostname: { causes: ['hostname'], flaw: 'host name' },
  'hostname-length': { causes: ['hostname'], flaw: 'host name' },
  uptime: { causes: ['uptime'], flaw: 'clock' },
  monotonic: { causes: ['uptime'], flaw: 'clock' },
  coin: { causes: ['randomness'], flaw: 'randomness' },
  collision: { causes: ['randomness'], flaw: 'randomness' },
  'shuffled-deck': { causes: ['randomness'], flaw: 'randomness' },
  'needs-login': { causes: ['order'], flaw: 'test order' },
  pollutes: { causes: ['order'], flaw: 'test order' },
  counter: { causes: ['order'], flaw: 'test order' },
  'lock-file': { causes: ['leftovers'], flaw: 'leftover file' },
  'makes-directory': { causes: ['leftovers'], flaw: 'leftover file' },
  appends: { causes: ['leftovers'], flaw: 'leftover file' },
  'home-settings': { causes: ['leftovers'], flaw: 'leftover file' },
  'fixed-port': { causes: ['ports'], flaw: 'port' },
  'fixed-http-port': { causes: ['ports'], flaw: 'port' },
  'needs-interface': { causes: ['network'], flaw: 'network' },
  'first-interface': { causes: ['network'], flaw: 'network' },
  'big-buffer': { causes: ['memory'], flaw: 'memory' },
  'big-cache': { causes: ['memory'], flaw: 'memory' },
  'many-processes': { causes: ['pids'], flaw: 'processes' },
  'many-files': { causes: ['open-files'], flaw: 'file descriptors' },
  'big-file': { causes: ['disk'], flaw: 'disk' },
  'file-mode': { causes: ['umask'], flaw: 'umask' },
  'slow-answer': { causes: ['network'], flaw: 'network latency' },
  'resolves-a-name': { causes: ['network'], flaw: 'DNS' },
  'needs-service': { causes: ['services'], flaw: 'service' },
  'leaked-timer': { causes: timing, flaw: 'leaked timer' },
  'slow-disk': { causes: ['io'], flaw: 'slow disk' },
  identifier: { causes: ['randomness'], flaw: 'randomness' },
  'common-directory': { causes: ['copies'], flaw: 'concurrent runs' },
  'counts-files': { causes: ['leftovers'], flaw: 'files of others' },
  'company/light-theme': { causes: ['company'], flaw: 'shared worker' },
}

/** Port on which `needs-service` finds something outside of its sandbox. */
export const servicePort = 47813

/** What the environment must have for the files to pass as they are. */
export const environment = {
  CORPUS_SERVICE: 'http://localhost:8080',
  CORPUS_EDITOR: 'vim',
  TZ: 'UTC',
  LANG: 'en_US.UTF-8',
  LC_ALL: 'en_US.UTF-8',
}
