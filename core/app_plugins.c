/* Owns what the server tells of its provisioners' changes of state: a line in its log and an event. Called on the plugin loop. */
#include "app_priv.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/str.h"
#include "observe/event.h"
#include "store/store.h"

struct change {
    char *type, *data;
};

static int change_unit(struct store_tx *tx, void *ctx, struct err *err)
{
    const struct change *change = ctx;
    CLEANUP(json_put) json_t *data = json_loads(change->data, 0, NULL);

    return event_write(tx, &(struct event){.type = change->type, .data = data}, err);
}

static void change_stored(void *ctx, const struct err *result)
{
    struct change *change = ctx;

    if (result->code != ERR_NONE && result->code != ERR_SHUTDOWN)
        log_error("plugin", "event %s could not be stored: %s", change->type, result->msg);
    free(change->type);
    free(change->data);
    free(change);
}

void app_plugin_changed(void *ctx, const char *instance, const char *state, const char *reason)
{
    struct app *app = ctx;
    struct change *change = mem_zalloc(sizeof *change);
    CLEANUP(json_put) json_t *data = json_object();

    if (str_eq(state, "ready"))
        log_info("plugin", "provisioner %s answers again", instance);
    else
        log_warn("plugin", "provisioner %s: %s: %s", instance, state, reason);
    json_set_str(data, "plugin", instance);
    json_set_str(data, "reason", reason[0] ? reason : NULL);
    change->type = mem_printf("plugin.%s", state);
    change->data = json_text(data);
    store_write(app->store, change_unit, change, change_stored);
}
