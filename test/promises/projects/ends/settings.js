/** For both runners. */
export const options = { report: { json: 'glovebox.json' } }
