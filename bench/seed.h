/* Many deployments at once for the benchmarks: copies of one that is in the database already, made by SQL. */
#pragma once
#include "base/err.h"
#include <stdint.h>

/* Makes `count` finished deployments, each of an application of its own, out of deployment `id`. No server may have the database open.
 * Errors: those of the store, ERR_NOT_FOUND. */
int seed_deployments(const char *database_url, const char *id, int64_t count, struct err *err);
