/*
 * Where the upper layers of overlays lie. In the scratch file system, if it can hold the user.* attributes by which overlayfs
 * marks replaced directories (tmpfs of Linux 6.6); else on disk, in the run directory; else in the scratch file system all the same.
 */
#ifndef GLOVEBOX_LAYERS_H
#define GLOVEBOX_LAYERS_H

#include "sandbox.h"

#define GB_LAYERS_PATH_SIZE 4352

/* supervisor, once the run directory is claimed. */
enum gb_layers gb_layers_detect(int run_dir);
const char *gb_layers_name(enum gb_layers layers);

/* supervisor. Makes the directory for a sandbox's layers if it is to be on disk, and writes its path, else "". */
int gb_layers_make(const struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, char path[GB_LAYERS_PATH_SIZE], struct gb_error *error);
/* supervisor. The root of one upper layer; -1 and errno. */
int gb_layers_open(const struct gb_sandbox *sandbox, unsigned index);
void gb_layers_remove(const struct gb_supervisor *supervisor, const struct gb_sandbox *sandbox);

#endif
