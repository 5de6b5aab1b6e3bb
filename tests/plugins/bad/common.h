/* What every plugin of the bad set shares: slots that do nothing wrong, and the table. A bad plugin defines its deed and names it in
 * BAD_PLUGIN. */
#pragma once
#include "../fine.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

__attribute__((unused)) static const char *const bad_types[] = {"bad", NULL};

#define BAD_TABLE(title, deed)                                                                                                             \
    {                                                                                                                                      \
        INNO_PROVISIONER_HEAD, 0, title, "1.0.0", bad_types, NULL, NULL, deed, fine, fine_status, fine, NULL, NULL, NULL, NULL             \
    }

#define BAD_PLUGIN(title, deed)                                                                                                            \
    static const inno_provisioner plugin = BAD_TABLE(title, deed);                                                                         \
    INNO_PLUGIN_TEXT(plugin, "{\"name\":\"" title "\",\"version\":\"1.0.0\",\"types\":[{\"name\":\"bad\"}]}")
