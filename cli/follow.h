/* Following a deployment to its end. */
#pragma once
#include "cli/command.h"

enum follow_how {
    FOLLOW_STEPS, /* prints every workflow as it ends, then the result */
    FOLLOW_END,   /* prints the result only */
};

/* Waits until the deployment has ended. Returns EXIT_FINE when it completed, EXIT_FAILED otherwise, or what a request ended with. */
int follow_deployment(struct cli *c, const char *id, enum follow_how how);

/* Prints phases and workflows of a deployment as they are now, and why it failed. */
int follow_print_workflows(struct cli *c, const json_t *deployment);
/* What to do next about one that did not complete; nothing otherwise. */
void follow_print_next(struct cli *c, const json_t *deployment);
bool follow_is_final(const char *state);
