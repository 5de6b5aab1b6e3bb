/* Slots that find everything in order, for plugins that are about something else. */
#pragma once
#include <innominatus/helpers.h>

#define SLOT(name) static inno_rc name(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
#define UNUSED()                                                                                                                           \
    (void)self;                                                                                                                            \
    (void)host;                                                                                                                            \
    (void)call;                                                                                                                            \
    (void)res

__attribute__((unused)) SLOT(fine)
{
    UNUSED();
    return INNO_OK;
}

__attribute__((unused)) SLOT(fine_status)
{
    UNUSED();
    host->status(call, INNO_STATE_ACTIVE, "as it should be");
    return INNO_OK;
}
