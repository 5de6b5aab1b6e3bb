/* Owns `migrate`: brings a database up to date without serving from it. */
#include "base/io.h"
#include "base/paths.h"
#include "base/str.h"
#include "cli/output.h"
#include "cli/verbs.h"
#include "store/store.h"
#include <stdlib.h>
#include <string.h>

static const char *given(struct cli *c, const char *flag, const char *variable)
{
    const char *text = args_text(&c->args, flag), *environment = getenv(variable);

    return text ? text : environment && environment[0] ? environment : NULL;
}

static int look(const char *url, size_t *out_pending, struct err *err)
{
    struct store *store = NULL;

    if (store_open_to_read(&(struct store_options){.url = url}, &store, out_pending, err) < 0)
        return -1;
    store_close(store);
    return 0;
}

static int report(struct cli *c, size_t pending, bool applied)
{
    json_t *result = json_object();

    json_set_int(result, "pending", applied ? 0 : (int64_t)pending);
    json_set_int(result, "applied", applied ? (int64_t)pending : 0);
    if (!out_data(c, result)) {
        if (!pending)
            cli_print(c, "up to date\n");
        else
            cli_print(c, "%zu migration%s %s\n", pending, pending == 1 ? "" : "s", applied ? "applied" : "to be applied");
    }
    json_decref(result);
    return EXIT_FINE;
}

int verb_migrate(struct cli *c)
{
    const char *state = given(c, "state-dir", "INNOMINATUS_STATE_DIR"), *url = given(c, "database", "INNOMINATUS_DATABASE");
    struct store *store = NULL;
    struct err err = {0};
    size_t pending = 0;

    if (!url)
        url = arena_printf(&c->arena, "sqlite:%s/innominatus.db", state ? state : paths_state_home(&c->arena));
    if (str_starts(url, "sqlite:") && !io_exists(url + strlen("sqlite:"))) {
        return cli_missing(c, "%s: there is no database yet; `innominatus serve` makes it at its first start", url + strlen("sqlite:"));
    }
    if (look(url, &pending, &err) < 0)
        return cli_fail(c, &err);
    if (!pending || args_flag(&c->args, "dry-run"))
        return report(c, pending, false);
    if (store_open(&(struct store_options){.url = url}, &store, &err) < 0)
        return cli_fail(c, &err);
    store_close(store);
    return report(c, pending, true);
}
