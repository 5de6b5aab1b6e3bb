/* The forms in which a Score file comes (interfaces.md, REST): YAML, a JSON Score file, or an object around it. */
#pragma once
#include "api/request.h"

struct spec_body {
    const char *source; /* text; NULL with `object` */
    size_t source_len;
    const json_t *object; /* borrowed from `owned` or the request's body */
    const json_t *files, *parameters;
    const char *image;
    json_t *owned;
};

/* Errors: ERR_MEDIA_TYPE, ERR_SYNTAX, ERR_UNKNOWN_FIELD, ERR_WRONG_TYPE, ERR_MISSING_FIELD, ERR_LIMIT. */
int spec_body_read(struct api_request *r, struct spec_body *out, struct err *err);
void spec_body_fini(struct spec_body *body);
