/* ACL users on a given Redis server. */
#pragma once
#include "local.h"

/* Is the server there, and does it take the entry's credentials? */
inno_rc redis_health(const struct local *self, const inno_host *host, inno_call *call);
