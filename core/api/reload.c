/* Handler of the reload. What it means to reload is the program's own (app_reload.c); here it is asked for and told. */
#include "api/handlers.h"
#include "audit/audit.h"
#include "base/cleanup.h"

static void reload(struct api_request *r)
{
    struct audit_row by = {.org = r->org, .actor = r->who->name, .team = r->who->team, .request_id = r->id, .source_ip = r->source_ip};
    struct diag_list diags = diag_list_make(r->arena, "admin-config.yaml");
    json_t *report = NULL;
    struct err err = {0};

    if (r->context->reload(r->context->reload_ctx, &by, &diags, &report, &err) == 0)
        api_reply_json(r, 200, report);
    else
        api_problem_with(r, &err, &diags, NULL);
}

void admin_reload(struct api_request *r)
{
    struct err err = {0};

    if (r->context->reload) {
        api_offload(r, reload);
        return;
    }
    err_set(&err, ERR_UNSUPPORTED, "this server was started without a configuration that could be read again");
    api_problem(r, &err);
}
