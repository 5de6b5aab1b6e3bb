/* What every plugin of the bad set shares: slots that do nothing wrong, and the table. A bad plugin defines its deed and names it in
 * BAD_PLUGIN. */
#pragma once
#include <innominatus/helpers.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

__attribute__((unused)) static inno_rc fine(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    (void)host;
    (void)call;
    (void)res;
    return INNO_OK;
}

__attribute__((unused)) static inno_rc fine_status(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
{
    (void)self;
    (void)res;
    host->status(call, INNO_STATE_ACTIVE, "as it should be");
    return INNO_OK;
}

__attribute__((unused)) static const char *const bad_types[] = {"bad", NULL};

#define BAD_TABLE(title, deed)                                                                                                             \
    {                                                                                                                                      \
        INNO_PROVISIONER_HEAD, 0, title, "1.0.0", bad_types, NULL, NULL, deed, fine, fine_status, fine, NULL, NULL, NULL, NULL             \
    }

#define BAD_PLUGIN(title, deed)                                                                                                            \
    static const inno_provisioner plugin = BAD_TABLE(title, deed);                                                                         \
    INNO_PLUGIN_TEXT(plugin, "{\"name\":\"" title "\",\"version\":\"1.0.0\",\"types\":[{\"name\":\"bad\"}]}")

#define SLOT(name) static inno_rc name(void *self, const inno_host *host, inno_call *call, const inno_resource *res)
#define UNUSED()                                                                                                                           \
    (void)self;                                                                                                                            \
    (void)host;                                                                                                                            \
    (void)call;                                                                                                                            \
    (void)res
