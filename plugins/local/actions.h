/* The actions of `local` (actions.c), and what they are made of. */
#pragma once
#include "local.h"

extern const inno_action *const local_actions[];

/* Finds the resource's type and params, and runs `slot` about it. */
inno_rc local_dispatch(void *self, const inno_host *host, inno_call *call, const inno_resource *res, local_slot slot);
inno_rc local_provision(void *self, const inno_host *host, inno_call *call, const inno_resource *res);

/* postgres: another password, in the record before the server has it; and how large the database is. */
inno_rc postgres_rotate(struct local_work *work);
inno_rc postgres_size(struct local_work *work);
