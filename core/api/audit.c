/* Handlers of the audit: rows, and the verification of their chain. */
#include "audit/audit.h"
#include "api/handlers.h"
#include "audit/chain.h"
#include "base/cleanup.h"
#include "base/str.h"

void audit_list_rows(struct api_request *r)
{
    struct api_page page = api_page_of(r);
    struct audit_filter filter = {.org = r->org,
                                  .team = r->team,
                                  .actor = api_query(r, "actor"),
                                  .object = api_query(r, "object"),
                                  .environment = api_query(r, "environment"),
                                  .result = api_query(r, "result"),
                                  .request_id = api_query(r, "request_id"),
                                  .action = api_query(r, "action"),
                                  .since = api_query_time(r, "since"),
                                  .until = api_query_time(r, "until"),
                                  .cursor = page.cursor,
                                  .limit = page.limit,
                                  .oldest_first = !page.descending};
    CLEANUP(free_ptr) char *cursor = NULL;
    json_t *items = NULL;
    struct err err = {0};

    if (audit_read(r->context->store, &filter, &items, &cursor, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_page(r, items, cursor);
}

/* Reads the whole chain: on a thread of the api. */
static void verify(struct api_request *r)
{
    struct audit_report report = {0};
    struct err err = {0};

    if (audit_verify(r->context->store, NULL, &report, &err) < 0)
        api_problem(r, &err);
    else
        api_reply_json(r, 200, audit_report_json(&report));
    audit_report_fini(&report);
}

void audit_verify_chain(struct api_request *r) { api_offload(r, verify); }
