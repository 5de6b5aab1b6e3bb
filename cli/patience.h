/* Going on when a server does not answer for a while: whoever follows something asks again, with growing pauses and an end. */
#pragma once
#include "cli/command.h"

struct patience {
    int64_t until_us; /* monotonic; 0: all is well */
    int64_t pause_ms;
};

/* Says once that the server does not answer, and pauses. False: it has been tried long enough (INNOMINATUS_RECONNECT_SECONDS, 120). */
bool patience_wait(struct cli *c, struct patience *p);
/* It answers: says so when it was missed. */
void patience_rest(struct cli *c, struct patience *p);

/* client_get, patiently. When patience ends the error is printed: EXIT_UNREACHABLE. */
int patience_get(struct cli *c, const char *target, int64_t timeout_ms, json_t **out);
/* client_list, of all there is, patiently. */
int patience_list(struct cli *c, const char *target, json_t **out);
