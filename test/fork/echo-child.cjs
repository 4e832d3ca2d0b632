// Answers one message and ends.
process.on('message', (message) => {
  process.send({ message, argv: process.argv.slice(2), execArgv: process.execArgv }, () =>
    process.disconnect(),
  )
})
