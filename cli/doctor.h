/* What the checks of `doctor` share. */
#pragma once
#include "cli/command.h"

enum finding { FINDING_OK, FINDING_WARN, FINDING_FAIL };

struct admin_config;

struct doctor {
    struct cli *c;
    json_t *checks;              /* [{check, status, detail, remedy}]; owned by the verb */
    const char *state_dir;       /* of the server that is meant */
    const char *database;        /* its URL; may hold a password: never shown */
    const char *config_path;     /* NULL: not found */
    struct admin_config *config; /* NULL: not sound; owned by the verb */
};

/* Adds a line. `remedy` (NULL: none) is what to do; it is shown when the finding is not ok. */
void doctor_note(struct doctor *d, const char *check, enum finding finding, const char *remedy, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
/* The same of an error, with its own remedy. */
void doctor_note_err(struct doctor *d, const char *check, enum finding finding, const struct err *err);

/* doctor_state.c: what lies on this machine's disk, and this machine's limits. */
void doctor_state(struct doctor *d);
void doctor_database(struct doctor *d);
void doctor_limits(struct doctor *d);

/* doctor_platform.c: the configuration and all that hangs on it. Fills d->config. */
void doctor_configuration(struct doctor *d);
void doctor_plugins(struct doctor *d);
void doctor_policies(struct doctor *d);
void doctor_workflows(struct doctor *d);
void doctor_tools(struct doctor *d);

/* doctor_server.c: the server that the command line would talk to. */
void doctor_server(struct doctor *d);
