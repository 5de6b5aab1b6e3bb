/* The bundled provisioner `local`: volumes, SQLite databases, names, secrets and rendered workloads on this machine, below the entry's data
 * directory. It shows what the contract asks of a plugin: everything idempotent, names that no other team can reach, status that changes
 * nothing. */
#pragma once
#include "files.h"
#include "names.h"
#include "tell.h"
#include <fcntl.h>

#define LOCAL_VERSION    "1.0.0"
#define LOCAL_PATH_BYTES 4096

/* One process of one admin-config entry. */
struct local {
    char data_dir[LOCAL_PATH_BYTES / 2];
    char *namespace;          /* of rendered manifests; NULL: none */
    json_t *postgres, *redis; /* config of the servers; NULL: none */
    char postgres_ca[LOCAL_PATH_BYTES],
        redis_ca[LOCAL_PATH_BYTES]; /* files with the authorities of the servers' certificates; "": the system's */
    char **host_path_roots;         /* NULL-terminated: directories besides the entry's own that workloads may mount */
};

/* One call about one resource. */
struct local_work {
    const struct local *self;
    const inno_host *host;
    inno_call *call;
    const inno_resource *res;
    json_t *params;
    char path[LOCAL_PATH_BYTES]; /* where this resource lives: KIND/TEAM/ENVIRONMENT/NAME_HASH below the data directory */
};

typedef inno_rc (*local_slot)(struct local_work *work);

struct local_type {
    const char *name;
    const char *kind; /* first directory below data_dir */
    local_slot provision, deprovision, status, hints, plan;
};
extern const struct local_type local_volume, local_sqlite, local_dns, local_route, local_secret, local_workload, local_postgres,
    local_redis;

/* Runs a step of type database-migration. */
inno_rc local_migrate(const struct local *self, const inno_host *host, inno_call *call, const inno_step *step);

/* ---- texts (paths.c) ---- */

/* KIND/TEAM/ENVIRONMENT/NAME_HASH below the data directory. */
void local_resource_path(const struct local *self, const char *kind, const inno_resource *res, char out[LOCAL_PATH_BYTES]);
/* DATA/KIND/TEAM, with a slash at its end: what a team may name itself. */
void local_team_path(const struct local *self, const char *kind, const char *team, char out[LOCAL_PATH_BYTES]);
/* Bytes of "10Gi", "1.5G", "100"; -1 when it is none. */
int64_t local_quantity(const char *text);

#define LOCAL_HOST_BYTES 240 /* of a host's name, ".localhost" not counted */

/* ---- params ---- */

/* Refuses a member of params that is none of `known` (NULL-terminated). */
inno_rc local_check_params(struct local_work *work, const char *const *known);

/* A record that the resource exists, for types that have nothing else on disk: path.json. */
inno_rc local_record_write(struct local_work *work, json_t *record);
/* Says by host->status that it is active or terminated; `text` may be NULL. */
inno_rc local_record_status(struct local_work *work, const char *text);
/* The same of a record that holds `wanted` (stolen): degraded when somebody has written something else into it. */
inno_rc local_record_compare(struct local_work *work, json_t *wanted);
inno_rc local_record_remove(struct local_work *work);
/* The plan of such a type: what of `wanted` (stolen) is not in the record. */
inno_rc local_record_plan(struct local_work *work, json_t *wanted);
