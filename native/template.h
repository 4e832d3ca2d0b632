/* The supervisor's side of templates: warm processes outside of sandboxes, from which workers are forked into them. fork/wire.h draws the exchange. */
#ifndef GLOVEBOX_TEMPLATE_H
#define GLOVEBOX_TEMPLATE_H

#include "sandbox.h"

/* Executes the template; the answer comes when it is warm, or has died of the attempt. */
void gb_template_start(struct gb_supervisor *supervisor, const struct gb_request *request);
void gb_template_retire(struct gb_supervisor *supervisor, const struct gb_request *request);
/* In place of gb_sandbox_start for a request that names a template. */
int gb_template_fork(struct gb_supervisor *supervisor, struct gb_sandbox *sandbox, const struct gb_request *request, struct gb_error *error);

/* What their descriptors brought. */
void gb_template_on_notice(struct gb_supervisor *supervisor, struct gb_template *template);
void gb_template_on_end(struct gb_supervisor *supervisor, struct gb_template *template);
/* strays.c: when a template has died. Kills and reaps the children that it left and nobody has told of. */
void gb_end_strays(const struct gb_supervisor *supervisor);
/* A worker whose template has died is the supervisor's child. */
void gb_template_on_orphan_end(struct gb_sandbox *sandbox);

#endif
