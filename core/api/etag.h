/* Entity tags and conditional requests (RFC 9110, section 13). The tag of an answer is a hash of what it shows; what can be large and has a
 * hash of its own in the answer (a Score file) is left out. */
#pragma once
#include "api/request.h"

/* Sets the ETag of the answer that is about to be sent, where the handler knows better than its bytes. */
void etag_set(struct api_request *r, const json_t *value);
/* Of an answer to GET: adds the tag. True: the client has it already, answer 304. */
bool etag_matches(struct api_request *r, int status, const char *text, size_t len);

/* Before the act, on an HTTP thread: remembers If-Match. Errors: ERR_REQUEST when the route knows none. */
int etag_read_condition(struct api_request *r, struct err *err);
/* Inside the act's transaction: is what is there now (NULL: nothing) what the client has seen? Only asked when r->if_match.
 * Errors: ERR_PRECONDITION. */
int etag_check(struct api_request *r, const json_t *present, struct err *err);
