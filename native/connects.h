/*
 * Where a rule of a network policy names no port, the init has to hear of each connect() of its sandbox before it happens: it then
 * listens at what is about to be connected to. See forward.h.
 */
#ifndef GLOVEBOX_CONNECTS_H
#define GLOVEBOX_CONNECTS_H

#include <stdbool.h>

/* watch_connects.c: init, or a forked worker once it is confined. From now on each connect() of this process and its descendants waits
 * until it is let go on; a descriptor at which they are heard of, or -1 and errno. */
int gb_watch_connects(void);
/* connects.c: init. Answers one of them; false: nobody is left who could ask. */
bool gb_connects_serve(int listener, int forwarder);

#endif
