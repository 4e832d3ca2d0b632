import { Command } from 'commander'

/** The command line of `glovebox doctor`; what it does is in doctor.ts. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('show what this host can isolate, and how to get the rest')
    .description(
      'Try every feature that Glovebox uses, for real, and show the result: namespaces, cgroup controllers, overlay, seccomp, ' +
        'restrictions, resources and versions. For whatever is missing: what it costs, and what to type on this host.',
    )
    .option('--json', 'print everything as JSON')
    .exitOverride()
    .addHelpText('after', '\nExit status: 0 if all promised isolation is available, 1 if some is not.')
}
