/* The end of a request that is a draft of a deployment. */
#pragma once
#include "api/request.h"

struct deployment_draft;

/* Takes the draft over and answers: 202 with its Location when it is stored (with the request's Idempotency-Key), the problem when it could
 * not be, 403 when the policies have denied it, which is recorded. The request is suspended meanwhile. */
void api_accept_draft(struct api_request *r, struct deployment_draft *draft);
