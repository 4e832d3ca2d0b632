import { by, environment, locale, within } from './making.js'
import type { Perturbation } from './perturbation.js'
import type { Circumstances } from './perturbations.js'

export function surroundings({ env, seen, source }: Circumstances): Perturbation[] {
  const foreign = Object.keys(env).filter((name) => !essential.test(name))
  const used = foreign.filter((name) => source.includes(name))
  return [
    ...(seen.ports.length === 0
      ? []
      : [
          within('ports', 'ports=taken', `while port ${seen.ports.join(', ')} is taken`, {
            occupy: seen.ports,
          }),
        ]),
    by('hostname', 'hostname=other', 'on a machine called ci-runner-7f3a', { hostname: 'ci-runner-7f3a' }),
    environment('time-zone', 'tz=Pacific/Kiritimati', 'at UTC+14', { TZ: 'Pacific/Kiritimati' }),
    environment('time-zone', 'tz=America/St_Johns', 'at UTC−3:30', { TZ: 'America/St_Johns' }),
    locale('de_DE', 'with a German locale'),
    locale('tr_TR', 'with a Turkish locale'),
    ...(foreign.length === 0
      ? []
      : [
          by('environment', 'env=minimal', 'with a minimal environment', { env: { unset: foreign } }),
          ...used.map((name) =>
            by(
              'environment',
              `env-unset=${name}`,
              `without ${name}`,
              { env: { unset: [name] } },
              { wave: 1 },
            ),
          ),
        ]),
    env.CI === undefined
      ? environment('environment', 'env=ci', 'with CI=true', { CI: 'true' })
      : by('environment', 'env=no-ci', 'without CI', { env: { unset: ['CI'] } }),
    by('umask', 'umask=077', 'with umask 077', { umask: '077' }),
    ...(seen.leftovers.length === 0
      ? []
      : [
          within('leftovers', 'leftovers=own', 'with what an earlier run of it left behind', {
            restore: seen.leftovers,
          }),
        ]),
    within('leftovers', 'leftovers=foreign', 'with files of others in /tmp and at home', { litter: true }),
  ]
}

/** What runners and shells need, and what other perturbations change. */
const essential =
  /^(PATH|HOME|USER|LOGNAME|SHELL|TMPDIR|PWD|OLDPWD|SHLVL|_|CI|LANG|LANGUAGE|LC_.*|TZ|TERM|COLORTERM|NO_COLOR|FORCE_.*|NODE.*|VITEST.*|JEST.*|TEST|DEV|PROD|MODE|BASE_URL|SSR|GLOVEBOX_.*|TINYPOOL_.*|npm_.*|INIT_CWD)$/
