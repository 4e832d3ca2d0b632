/**
 * The file of heap.test.ts: its cap is lower than that of its run.
 *
 * @glovebox-memory 256MiB
 */
