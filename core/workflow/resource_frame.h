/* A resource as its provisioner sees it: the frame of a call, with secrets opened for it alone. On workers. */
#pragma once
#include "resource/resource.h"
#include "workflow/engine_priv.h"

/* Who may open which secrets: those of one team. Everything opened is known to the redactor. */
struct secret_opening {
    struct engine *engine;
    struct redactor *redactor;
    const char *org, *team;
};
struct secret_opening step_opening(const struct step_work *work);
/* Opens every secret in a value. out: new reference. */
int opening_open(const struct secret_opening *opening, const json_t *value, json_t **out, struct err *err);
/* {reference: text} of every secret in a value. out: new reference. */
int opening_open_references(const struct secret_opening *opening, const json_t *value, json_t **out, struct err *err);

struct frame_of {
    struct secret_opening opening;
    const struct platform *platform;
    const struct resource_row *row;
    const char *operation; /* create, update, repair, delete, read */
    const char *application, *environment_type, *product;
    const json_t
        *params; /* what is wanted, secrets as references; NULL: those of the row, with secrets opened where that can still be done */
};
/* out: new reference, clear text: send it and drop it. Errors: those of opening_open. */
int resource_frame(const struct frame_of *of, json_t **out, struct err *err);
