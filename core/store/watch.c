/* Owns the waiting threads of PostgreSQL. Not there yet: PostgreSQL cannot be opened (store_open says so). */
#include "store/watch.h"

static int refuse(const struct driver_config *config, enum driver_role role, struct driver_conn **out, struct err *err)
{
    (void)config, (void)role, (void)out;
    return err_set(err, ERR_STORE, "PostgreSQL is not supported by this build; use a sqlite: URL");
}
const struct driver driver_postgres = {.name = "PostgreSQL", .kind = STORE_POSTGRES, .open = refuse};

int watch_start(struct store *s, struct watch **out, struct err *err)
{
    (void)s, (void)out;
    return err_set(err, ERR_STORE, "PostgreSQL is not supported by this build");
}
void watch_stop(struct watch *w) { (void)w; }
void watch_listen(struct watch *w, const char *channel) { (void)w, (void)channel; }
void watch_notify(struct watch *w, unsigned channels) { (void)w, (void)channels; }
void watch_seal_wanted(struct watch *w) { (void)w; }
bool watch_leads(const struct watch *w) { return (void)w, false; }
